import type { ConnectionId, ErrorBody, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';
import type { Directory } from './tenants.ts';

/** Wakes those who empty inboxes: something was kept. */
export const inboxChannel = 'gantry_inbox';

export interface InboxKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
}

export interface InboxHolder extends InboxKey {
  /** Unique per process. */
  readonly holder: string;
}

/** As the connectors' `ProviderEvent`. */
export interface NewInboxEvent {
  readonly id: string;
  readonly object: string;
  readonly recordId: string | null;
  readonly what: 'changed' | 'deleted';
  readonly at: Date | null;
  /** Not to be looked at before so many ms; absent: at once. */
  readonly readAfterMs?: number;
}

/** `state` is src/inbox's, opaque here. */
export interface InboxEventRow extends Omit<NewInboxEvent, 'readAfterMs'> {
  readonly state: string;
  readonly receivedAt: Date;
  readonly tries: number;
  readonly lastError: ErrorBody | null;
}

const columns = `event as id, object, record_id as "recordId", what, at, state, received_at as "receivedAt", tries,
  last_error as "lastError"`;

/** Of an object that is paused: it waits, as if it were not due. */
const ofPaused = `object = any(array(select s.object from stream s
      where s.tenant = $1 and s.connection = $2 and s.paused is not null))`;

export const inboxSql = {
  keep: `insert into inbox_event (tenant, connection, event, object, record_id, what, at, received_at, due_at)
    select $1, $2, e ->> 'i', e ->> 'o', e ->> 'r', e ->> 'w', (e ->> 'a')::timestamptz, $4,
      $4::timestamptz + coalesce((e ->> 'd')::int, 0) * interval '1 millisecond'
    from jsonb_array_elements($3::text::jsonb) e
    on conflict (tenant, connection, event) do nothing returning event`,
  wake: `insert into inbox_turn as t (tenant, connection, due_at) values ($1, $2, $3)
    on conflict (tenant, connection) do update set due_at = least(t.due_at, excluded.due_at)
    returning pg_notify($4, $5)`,
  rouse: `update inbox_turn set due_at = least(due_at, $3) where tenant = $1 and connection = $2
    returning pg_notify($4, $5)`,
  due: `select tenant, connection from inbox_turn
    where due_at <= now() and (lease_until is null or lease_until <= now()) order by due_at limit $1`,
  claim: `update inbox_turn set holder = $3, lease_until = $5
    where tenant = $1 and connection = $2 and due_at <= $4 and (lease_until is null or lease_until <= $4)
    returning connection`,
  hold: `update inbox_turn set lease_until = $4 where tenant = $1 and connection = $2 and holder = $3
    returning connection`,
  waiting: `select ${columns} from inbox_event
    where tenant = $1 and connection = $2 and state = 'waiting' and due_at <= $3 and not ${ofPaused}
    order by due_at, event limit $4`,
  settle: `update inbox_event set state = $4, due_at = $5, tries = tries + $6, last_error = $7::text::jsonb
    where tenant = $1 and connection = $2 and event = any($3::text[])`,
  next: `select min(due_at) as "dueAt" from inbox_event
    where tenant = $1 and connection = $2 and state = 'waiting' and not ${ofPaused}`,
  release: `update inbox_turn set holder = null, lease_until = null, due_at = $4
    where tenant = $1 and connection = $2 and holder = $3`,
  list: `select ${columns} from inbox_event where tenant = $1 and connection = $2 and state = $3
    order by received_at desc, event limit $4`,
  dead: `select connection, ${columns} from inbox_event
    where tenant = $1 and state = 'dead' and ($2::int is null or connection = $2)
    order by received_at desc, connection, event limit $3`,
  countDead: `select connection, coalesce(last_error ->> 'code', 'internal') as code, count(*)::int as events,
      min(received_at) as oldest
    from inbox_event where tenant = $1 and state = 'dead' group by 1, 2 order by 1, 2`,
  replay: `update inbox_event set state = $3, due_at = $4, tries = 0
    where tenant = $1 and connection = $2 and state = 'dead' and ($5::text is null or event = $5) returning event`,
  drop: `update inbox_event set state = $3, dropped = $4::text::jsonb
    where tenant = $1 and connection = $2 and state = 'dead' and ($5::text is null or event = $5) returning event`,
  prune: `delete from inbox_event where tenant = $1 and (connection, event) in (
      select connection, event from inbox_event
      where tenant = $1 and state = any($4::text[]) and state <> 'waiting' and received_at < $2 limit $3)
    returning event`,
  find: `select id, schema_version as version from stream
    where tenant = $1 and connection = $2 and object = $3 and enabled`,
  lock: `select id, schema_version as version from stream
    where tenant = $1 and connection = $2 and object = $3 and enabled for no key update`,
} as const;

/**
 * Keeps what was told and makes the inbox due, with the transaction. An event
 * that is there already stays as it is. `gaps`: objects that have to be read.
 * Returns how many were new.
 */
export async function keepEvents(
  tx: Tx,
  told: InboxKey & { readonly events: readonly NewInboxEvent[]; readonly gaps?: readonly string[] },
): Promise<number> {
  const { tenant, connection, events, gaps = [] } = told;
  const unnamed = gaps.map((object): NewInboxEvent => ({
    id: `gap:${object}:${String(tx.now.getTime())}`,
    object,
    recordId: null,
    what: 'changed',
    at: null,
  }));
  const text = jsonbText(JSON.stringify([...events, ...unnamed].map(spelled)));
  const kept = await tx.query(inboxSql.keep, [tenant, connection, text, tx.now]);
  if (kept.length > 0) await wakeInbox(tx, { tenant, connection });
  return kept.length;
}

const spelled = ({ id, object, recordId, what, at, readAfterMs }: NewInboxEvent) => ({
  i: id,
  o: object,
  r: recordId,
  w: what,
  a: at?.toISOString() ?? null,
  ...(readAfterMs === undefined ? {} : { d: readAfterMs }),
});

async function wakeInbox(tx: Tx, { tenant, connection }: InboxKey): Promise<void> {
  await tx.query(inboxSql.wake, [tenant, connection, tx.now, inboxChannel, String(tenant)]);
}

/** What waited for an object that was paused is looked at. Before the object's row is locked: who empties an inbox locks in this order. */
export async function rouseInbox(tx: Tx, { tenant, connection }: InboxKey): Promise<void> {
  await tx.query(inboxSql.rouse, [tenant, connection, tx.now, inboxChannel, String(tenant)]);
}

/** Inboxes with something to do that nobody is at, longest waiting first. */
export function freeInboxes(db: Directory, limit: number): Promise<InboxKey[]> {
  return db.query<InboxKey>(inboxSql.due, [limit]);
}

/** False where somebody else is at it, or nothing waits. */
export async function claimInbox(tx: Tx, { tenant, connection, holder }: InboxHolder, leaseMs: number) {
  const params = [tenant, connection, holder, tx.now, later(tx, leaseMs)];
  return (await tx.query(inboxSql.claim, params)).length > 0;
}

/** Prolongs the lease. False: somebody else is at it, keep nothing. */
export async function holdInbox(tx: Tx, { tenant, connection, holder }: InboxHolder, leaseMs: number) {
  return (await tx.query(inboxSql.hold, [tenant, connection, holder, later(tx, leaseMs)])).length > 0;
}

/** What is to be looked at now, longest waiting first; nothing of objects that are paused. */
export function waitingEvents(tx: Tx, { tenant, connection }: InboxKey, limit: number): Promise<InboxEventRow[]> {
  return tx.query<InboxEventRow>(inboxSql.waiting, [tenant, connection, tx.now, limit]);
}

export interface EventsEnd {
  readonly ids: readonly string[];
  readonly state: string;
  /** Of `waiting`: not before then. */
  readonly dueAt: Date;
  readonly error: ErrorBody | null;
}

export async function settleEvents(tx: Tx, { tenant, connection }: InboxKey, end: EventsEnd): Promise<void> {
  const error = end.error === null ? null : JSON.stringify(end.error);
  const tried = end.error === null ? 0 : 1;
  await tx.query(inboxSql.settle, [tenant, connection, end.ids, end.state, end.dueAt, tried, error]);
}

/**
 * Gives the inbox back. The lock is taken before the look at what waits: what
 * comes meanwhile is either seen, or makes the inbox due afterwards.
 * `notBefore`: nobody needs to look earlier.
 */
export async function releaseInbox(tx: Tx, key: InboxHolder, notBefore: Date | null): Promise<void> {
  const { tenant, connection, holder } = key;
  if (!(await holdInbox(tx, key, 0))) return;
  const [next] = await tx.query<{ dueAt: Date | null }>(inboxSql.next, [tenant, connection]);
  const dueAt = next?.dueAt ?? null;
  const at = dueAt !== null && notBefore !== null && dueAt < notBefore ? notBefore : dueAt;
  await tx.query(inboxSql.release, [tenant, connection, holder, at]);
}

export function listInboxEvents(
  tx: Tx,
  { tenant, connection }: InboxKey,
  { state, limit }: { readonly state: string; readonly limit: number },
): Promise<InboxEventRow[]> {
  return tx.query<InboxEventRow>(inboxSql.list, [tenant, connection, state, limit]);
}

/** An event that was given up, and of which connection. */
export interface DeadEvent extends InboxEventRow {
  readonly connection: ConnectionId;
}

/** Newest first; of one connection where it is named. */
export function listDeadEvents(
  tx: Tx,
  { tenant, connection, limit }: Pick<InboxKey, 'tenant'> & { connection: ConnectionId | null; limit: number },
): Promise<DeadEvent[]> {
  return tx.query<DeadEvent>(inboxSql.dead, [tenant, connection, limit]);
}

export interface DeadCause {
  readonly connection: ConnectionId;
  readonly code: string;
  readonly events: number;
  readonly oldest: Date;
}

export function countDeadCauses(tx: Tx, { tenant }: Pick<InboxKey, 'tenant'>): Promise<DeadCause[]> {
  return tx.query<DeadCause>(inboxSql.countDead, [tenant]);
}

/** What was given up is tried again at once: one event, or all where `id` is null. Returns how many. */
export async function replayEvents(
  tx: Tx,
  key: InboxKey,
  { state, id }: { readonly state: string; readonly id: string | null },
): Promise<number> {
  const replayed = await tx.query(inboxSql.replay, [key.tenant, key.connection, state, tx.now, id]);
  if (replayed.length > 0) await wakeInbox(tx, key);
  return replayed.length;
}

/** What was given up is given up for good, with who said so and why. Returns how many. */
export async function dropEvents(
  tx: Tx,
  key: InboxKey,
  end: { readonly state: string; readonly id: string | null; readonly by: string; readonly reason: string },
): Promise<number> {
  const dropped = JSON.stringify({ by: end.by, reason: end.reason, at: tx.now.toISOString() });
  const params = [key.tenant, key.connection, end.state, jsonbText(dropped), end.id];
  return (await tx.query(inboxSql.drop, params)).length;
}

interface PruneRequest {
  readonly tenant: TenantId;
  readonly before: Date;
  readonly limit: number;
}

/** Ended ones that were received before then. */
export const pruneInbox = (tx: Tx, request: PruneRequest): Promise<number> => prune(tx, request, ['done']);

/** The same of those that were given up. */
export const pruneDeadInbox = (tx: Tx, request: PruneRequest): Promise<number> => prune(tx, request, ['dead']);

async function prune(tx: Tx, { tenant, before, limit }: PruneRequest, states: readonly string[]): Promise<number> {
  return (await tx.query(inboxSql.prune, [tenant, before, limit, states])).length;
}

export interface StreamOf {
  readonly id: number;
  /** Of the schema; null: not discovered yet. */
  readonly version: number | null;
}

export async function findStreamOf(tx: Tx, { tenant, connection }: InboxKey, object: string): Promise<StreamOf | null> {
  return (await tx.query<StreamOf>(inboxSql.find, [tenant, connection, object]))[0] ?? null;
}

/** The stream of an object, locked: nothing else is kept of it, and it is not removed, before the transaction ends. */
export async function lockStreamOf(tx: Tx, { tenant, connection }: InboxKey, object: string): Promise<StreamOf | null> {
  return (await tx.query<StreamOf>(inboxSql.lock, [tenant, connection, object]))[0] ?? null;
}

function later(tx: Tx, ms: number): Date {
  return new Date(tx.now.getTime() + ms);
}
