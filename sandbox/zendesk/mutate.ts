import { ControlError, type Effect, type Mutation } from '../kit/index.ts';
import type { Account, ObjectName } from './account.ts';
import { agentId } from './ids.ts';
import type { CustomValue } from './profiles/profile.ts';
import { emptyOrganization } from './records/organization.ts';
import { emptyTicket } from './records/ticket.ts';
import { emptyUser } from './records/user.ts';
import type { Body, Entry } from './store/collection.ts';

type Fields = Readonly<Record<string, unknown>>;

const KEYED = { organizations: 'organization_fields', users: 'user_fields' } as const;
/** Set by the help desk itself. */
const READ_ONLY = new Set(['id', 'url', 'created_at', 'updated_at', 'generated_timestamp', 'fields']);

export interface Mutated {
  readonly id: string;
  readonly record: Body;
  readonly effects: readonly Effect[];
}

/**
 * A change as a person at the help desk makes it. `fields` has the API's
 * shapes; `custom_fields`, `organization_fields` and `user_fields` are merged.
 * With `by: 'system'` among the fields of a ticket, only the system's own
 * stamp (`generated_timestamp`) moves.
 */
export function mutate(account: Account, mutation: Mutation): Mutated {
  const object = objectNamed(mutation.object);
  const collection = account.records[object];
  const nowS = Math.floor(account.clock.now().getTime() / 1000);
  if (mutation.op === 'create') {
    const id = collection.nextId();
    const body = {
      ...changed(account, object, empty(account, object, id), mutation.fields ?? {}, nowS),
      created_at: iso(nowS),
    };
    collection.put({ id, changedS: nowS, deleted: false, body });
    return told(account, mutation.op, object, null, body);
  }
  const id = Number(mutation.id);
  const before = collection.get(id);
  if (before === null) throw new ControlError(`there is no ${object} record ${mutation.id}`);
  if (before.deleted !== (mutation.op === 'undelete'))
    throw new ControlError(`${object} record ${mutation.id} is ${before.deleted ? '' : 'not '}deleted`);
  const after = afterOp(account, object, before, mutation, nowS);
  collection.put(after);
  return told(account, mutation.op, object, before.body, after.body);
}

function empty(account: Account, object: ObjectName, id: number): Body {
  if (object === 'users') return emptyUser(account.profile, id);
  return object === 'tickets' ? emptyTicket(id) : emptyOrganization(id);
}

function afterOp(account: Account, object: ObjectName, before: Entry, mutation: Mutation, nowS: number): Entry {
  const given = mutation.op === 'update' ? (mutation.fields ?? {}) : {};
  const body = changed(account, object, before.body, given, nowS);
  const entry = { id: before.id, changedS: nowS };
  if (mutation.op === 'delete') return { ...entry, deleted: true, body: { ...body, ...DELETED[object] } };
  const mark = mutation.op === 'undelete' ? RESTORED[object] : {};
  return { ...entry, deleted: false, body: { ...body, ...mark } };
}

/** How a record shows that it is gone, and that it is back. Organizations do not. */
const DELETED: Readonly<Record<ObjectName, Fields>> = {
  tickets: { status: 'deleted' },
  organizations: {},
  users: { active: false },
};
const RESTORED: Readonly<Record<ObjectName, Fields>> = {
  tickets: { status: 'open' },
  organizations: {},
  users: { active: true },
};

function changed(account: Account, object: ObjectName, body: Body, fields: Fields, nowS: number): Body {
  const { by, ...rest } = fields;
  const readOnly = Object.keys(rest).filter((name) => READ_ONLY.has(name) || !(name in body));
  if (readOnly.length > 0) throw new ControlError(`${object} have no writable field ${readOnly.join(', ')}`);
  const custom = object === 'tickets' ? ticketValues(account, body, rest) : keyedValues(account, object, body, rest);
  const bySystem = by === 'system' && object === 'tickets';
  return {
    ...body,
    ...rest,
    ...custom,
    id: body.id,
    ...(bySystem ? {} : { updated_at: iso(nowS) }),
    ...(object === 'tickets' ? { generated_timestamp: nowS } : {}),
    ...('subject' in rest ? { raw_subject: rest['subject'] } : {}),
  };
}

function ticketValues(account: Account, body: Body, fields: Fields): Fields {
  const given = fields['custom_fields'];
  if (given === undefined) return {};
  if (!Array.isArray(given)) throw new ControlError('custom_fields must be a list of {id, value}');
  const values = new Map((body['custom_fields'] as readonly CustomValue[]).map(({ id, value }) => [id, value]));
  for (const { id, value } of given as readonly CustomValue[]) {
    if (account.fields.find('tickets', String(id)) === null) throw new ControlError(`there is no ticket field ${id}`);
    values.set(id, value);
  }
  return { custom_fields: [...values].map(([id, value]) => ({ id, value })) };
}

function keyedValues(account: Account, object: 'organizations' | 'users', body: Body, fields: Fields): Fields {
  const key = KEYED[object];
  const given = fields[key];
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) throw new ControlError(`${key} must be an object`);
  for (const name of Object.keys(given)) {
    if (account.fields.find(object, name) === null) throw new ControlError(`there is no field ${name} in ${key}`);
  }
  return { [key]: { ...(body[key] as Fields), ...given } };
}

export function objectNamed(name: string): ObjectName {
  if (name === 'tickets' || name === 'organizations' || name === 'users') return name;
  throw new ControlError(`object must be tickets, organizations or users, not ${name}`);
}

/** Webhooks hear of it; the control API's changes are the admin's. */
function told(account: Account, op: Mutation['op'], object: ObjectName, before: Body | null, after: Body): Mutated {
  const effect = { op, object, id: String(after.id) };
  const fields = account.fields.of(object);
  account.sender.announce({ object, op, before, after, fields }, effect, String(agentId(0)));
  return { id: effect.id, record: after, effects: [effect] };
}

function iso(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
