import { limits, streamId, toGantryError, type ErrorCode, type GantryError, type Random } from '../kernel/index.ts';
import type { ConnectorSession } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  claimInbox,
  findStreamOf,
  holdInbox,
  readSchemaVersion,
  releaseInbox,
  requestSync,
  settleEvents,
  waitingEvents,
  type Db,
  type InboxEventRow,
  type InboxHolder,
  type InboxKey,
  type Tx,
} from '../store/index.ts';
import { afterInboxEvent, type EventState } from './event-state.ts';
import { keepRecords } from './keep-records.ts';

export interface EmptyDeps {
  readonly db: Db;
  readonly random: Random;
  /** Null: paused, signed out or gone. */
  readonly sessionOf: (key: InboxKey) => Promise<ConnectorSession | null>;
  readonly onEvent: (event: InboxLogEvent) => void;
  /** A stream became due. */
  readonly wakeSync: () => void;
}

export type InboxLogEvent =
  | ({ readonly kind: 'inbox_emptied'; readonly events: number; readonly changed: number } & InboxKey)
  | ({
      readonly kind: 'inbox_failed';
      readonly code: string;
      readonly events: number;
      readonly dead: number;
    } & InboxKey)
  /** The round was given up; the next one tries again. */
  | { readonly kind: 'inbox_look_failed'; readonly cause: unknown };

/**
 * Empties one connection's inbox: what names records is read by id, many in one
 * call, whatever else makes its stream due. Any process may do it, one at a time.
 */
export async function emptyInbox(deps: EmptyDeps, holder: InboxHolder, stopping: AbortSignal): Promise<void> {
  const { db } = deps;
  const { tenant, connection } = holder;
  const key = { tenant, connection };
  const isOurs = await db.tenantTx(tenant, (tx) => claimInbox(tx, holder, limits.inboxLeaseMs), 'inbox.claim_turn');
  if (!isOurs) return;
  const session = await deps.sessionOf(key).catch(() => null);
  while (session !== null && !stopping.aborted) {
    const events = await db.tenantRead(tenant, (tx) => waitingEvents(tx, key, limits.inboxPortionMax));
    if (events.length === 0) break;
    for (const group of groups(events)) {
      if (stopping.aborted) break;
      if (!(await settleGroup(deps, { holder, session, stopping, ...group }))) return;
    }
  }
  await db.tenantTx(
    tenant,
    (tx) => releaseInbox(tx, holder, session === null ? later(tx, limits.inboxPausedLookMs) : null),
    'inbox.release_turn',
  );
}

interface Group {
  readonly object: string;
  /** Of different records where they name any. */
  readonly ids: readonly string[];
  readonly events: readonly InboxEventRow[];
}

type GroupWork = Group & {
  readonly holder: InboxHolder;
  readonly session: ConnectorSession;
  readonly stopping: AbortSignal;
};

/** Pure: events by object, no more records in one than a call reads. Events of one record stay together. */
export function groups(events: readonly InboxEventRow[]): Group[] {
  return byKey(events, ({ object }) => object).flatMap(([object, told]) => {
    const byRecord = byKey(told, ({ recordId }) => recordId);
    const parts: Group[] = [];
    for (let start = 0; start < byRecord.length; start += limits.recordsByIdMax) {
      parts.push(groupOf(object, byRecord.slice(start, start + limits.recordsByIdMax)));
    }
    return parts;
  });
}

type OfRecord = readonly [string | null, readonly InboxEventRow[]];

function groupOf(object: string, byRecord: readonly OfRecord[]): Group {
  const ids = byRecord.map(([id]) => id).filter((id) => id !== null);
  return { object, ids, events: byRecord.flatMap(([, each]) => each) };
}

/** Pure: the group in two; none where it is of one record. */
function halves({ object, events }: Group): Group[] {
  const byRecord = byKey(events, ({ recordId }) => recordId);
  if (byRecord.length < 2) return [];
  const half = Math.ceil(byRecord.length / 2);
  return [groupOf(object, byRecord.slice(0, half)), groupOf(object, byRecord.slice(half))];
}

/** What a single record may be the cause of, so that others go without it; the rest would befall any of them. */
const ofRecords: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'upstream_malformed',
  'upstream_too_large',
  'upstream_refused',
  'internal',
]);

function byKey<Value, Key>(values: readonly Value[], keyOf: (value: Value) => Key): [Key, Value[]][] {
  const found = new Map<Key, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const known = found.get(key);
    if (known === undefined) found.set(key, [value]);
    else known.push(value);
  }
  return [...found];
}

/**
 * False: somebody else has the inbox. Never throws for what one group's provider
 * or records do. One bad record is searched for by halving: it alone has failed.
 */
async function settleGroup(deps: EmptyDeps, work: GroupWork): Promise<boolean> {
  const { db } = deps;
  const { holder, object, ids, events, session } = work;
  const { tenant, connection } = holder;
  try {
    const { schema, readAt } = await db.tenantRead(tenant, async (tx) => ({
      schema: await schemaOf(tx, holder, object),
      readAt: tx.now,
    }));
    const isRead = schema !== null && ids.length > 0 && session.readRecords !== undefined;
    const read = isRead ? await session.readRecords?.(schema, ids) : undefined;
    const mustSync = read === undefined || events.some(({ recordId }) => recordId === null);
    const changed = await db.tenantTx(
      tenant,
      async (tx) => {
        if (!(await holdInbox(tx, holder, limits.inboxLeaseMs))) return null;
        const kept =
          read === undefined || schema === null
            ? 0
            : await keepRecords(tx, {
                key: { tenant, connection },
                object: schema,
                events,
                read,
                permissions: session.permissions ?? null,
                readAt,
              });
        if (mustSync) await requestSync(tx, { tenant, connection, object });
        await settle(tx, holder, events, { event: 'settled', dueAt: tx.now, error: null });
        return kept;
      },
      'inbox.keep_records',
    );
    if (changed === null) return false;
    if (mustSync || (read?.missing.length ?? 0) > 0) deps.wakeSync();
    deps.onEvent({ kind: 'inbox_emptied', tenant, connection, events: events.length, changed });
    return true;
  } catch (thrown) {
    const error = toGantryError(thrown);
    const parts = ofRecords.has(error.code) ? halves(work) : [];
    if (parts.length === 0) return settleUnread(deps, work, error);
    for (const part of parts) {
      // What was not tried yet waits for whoever comes next.
      if (work.stopping.aborted) return true;
      if (!(await settleGroup(deps, { ...work, ...part }))) return false;
    }
    return true;
  }
}

async function schemaOf(tx: Tx, key: InboxKey, object: string): Promise<NativeObject | null> {
  const stream = await findStreamOf(tx, key, object);
  if (stream === null || stream.version === null) return null;
  return (await readSchemaVersion(tx, key.tenant, streamId(stream.id), stream.version))?.object ?? null;
}

async function settleUnread(deps: EmptyDeps, { holder, events }: GroupWork, error: GantryError): Promise<boolean> {
  const { tenant, connection } = holder;
  const dead = events.filter(({ tries }) => tries + 1 >= limits.inboxTriesMax);
  const again = events.filter((event) => !dead.includes(event));
  const tries = Math.max(0, ...again.map((event) => event.tries));
  const waitMs = retryMs(deps.random, tries);
  const isOurs = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await holdInbox(tx, holder, limits.inboxLeaseMs))) return false;
      const dueAt = new Date(Math.max(later(tx, waitMs).getTime(), error.details.retryAt?.getTime() ?? 0));
      await settle(tx, holder, again, { event: 'failed', dueAt, error });
      await settle(tx, holder, dead, { event: 'exhausted', dueAt, error });
      return true;
    },
    'inbox.settle_unread',
  );
  deps.onEvent({
    kind: 'inbox_failed',
    tenant,
    connection,
    code: error.code,
    events: events.length,
    dead: dead.length,
  });
  return isOurs;
}

async function settle(
  tx: Tx,
  key: InboxKey,
  events: readonly InboxEventRow[],
  end: { readonly event: 'settled' | 'failed' | 'exhausted'; readonly dueAt: Date; readonly error: GantryError | null },
): Promise<void> {
  if (events.length === 0) return;
  const state: EventState = afterInboxEvent('waiting', end.event);
  const ids = events.map(({ id }) => id);
  await settleEvents(tx, key, { ids, state, dueAt: end.dueAt, error: end.error?.toBody() ?? null });
}

function retryMs(random: Random, tries: number): number {
  const longest = Math.min(limits.inboxRetryMaxMs, limits.inboxRetryMs * 2 ** Math.min(tries, 20));
  return Math.round(longest * (0.5 + random.fraction() / 2));
}

const later = (tx: Tx, ms: number): Date => new Date(tx.now.getTime() + ms);
