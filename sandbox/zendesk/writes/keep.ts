import type { Effect, WriteOp } from '../../kit/index.ts';
import type { Account, ObjectName } from '../account.ts';
import type { CustomValue } from '../profiles/profile.ts';
import { isoSeconds, secondsOf } from '../records/body.ts';
import type { Body } from '../store/collection.ts';
import type { Given } from './given.ts';

export interface Keeping {
  readonly object: ObjectName;
  readonly op: WriteOp;
  /** Null for a new record. */
  readonly before: Body | null;
  readonly after: Body;
  /** Who writes. */
  readonly by: number;
  /** What the caller sent to know its write again. */
  readonly marker: string | null;
}

export interface Kept {
  readonly body: Body;
  readonly effect: Effect;
}

const STAMPS = ['updated_at', 'created_at', 'generated_timestamp', 'id', 'raw_subject'];

/** Keeps a record with the stamps of now and tells webhooks of it. Organizations go without a trace of being deleted. */
export function keep(account: Account, { object, op, before, after, by, marker }: Keeping): Kept {
  const now = account.clock.now();
  const nowS = secondsOf(now);
  const gone = op === 'delete' ? DELETED[object] : {};
  const body: Body = {
    ...after,
    ...gone,
    updated_at: isoSeconds(now),
    ...(op === 'create' ? { created_at: isoSeconds(now) } : {}),
    ...(object === 'tickets' ? { generated_timestamp: nowS } : {}),
    id: after.id,
  };
  account.records[object].put({ id: body.id, changedS: nowS, deleted: op === 'delete', body });
  const fields = op === 'delete' ? {} : changedFields(before, body);
  const effect: Effect = { op, object, id: String(body.id), fields, ...(marker === null ? {} : { marker }) };
  account.sender.announce({ object, op, before, after: body, fields: account.fields.of(object) }, effect, String(by));
  return { body, effect };
}

const DELETED: Readonly<Record<ObjectName, Given>> = {
  tickets: { status: 'deleted' },
  organizations: {},
  users: { active: false },
};

/** Values that are others now; of a new record those that say something. */
function changedFields(before: Body | null, after: Body): Given {
  const changed = Object.entries(after).flatMap(([key, value]) => {
    if (STAMPS.includes(key)) return [];
    if (before === null) return value === null || value === '' ? [] : [[key, value]];
    if (JSON.stringify(before[key]) === JSON.stringify(value)) return [];
    return [[key, key === 'custom_fields' ? changedValues(before[key], value) : value]];
  });
  return Object.fromEntries(changed) as Given;
}

function changedValues(before: unknown, after: unknown): unknown {
  const old = new Map((before as readonly CustomValue[]).map(({ id, value }) => [id, JSON.stringify(value)]));
  return (after as readonly CustomValue[]).filter(({ id, value }) => old.get(id) !== JSON.stringify(value));
}
