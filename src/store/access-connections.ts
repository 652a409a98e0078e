import type { ConnectionId, ErrorBody, JsonObject, StreamId, TenantId } from '../kernel/index.ts';
import type { AccessKey } from './access-classes.ts';
import type { StreamKey } from './access-records.ts';
import type { Tx } from './db.ts';

/** A connection whose permissions are learned. `state` is src/sync's, opaque here. */
export interface AccessConnectionRow {
  readonly connection: ConnectionId;
  readonly state: string;
  /** What audiences follow from beside the records; null: not read yet. */
  readonly facts: { readonly hash: string; readonly data: JsonObject } | null;
  readonly factsAt: Date | null;
  readonly standingsAt: Date | null;
  readonly sampledAt: Date | null;
  readonly lastError: ErrorBody | null;
}

/** How the audiences of one object are learned. */
export interface AccessPlan {
  readonly strategy: string;
  /** Of a tenant's own rule; null where it is none. */
  readonly rule: JsonObject | null;
  /** Why nobody tells, where nobody does. */
  readonly why: string | null;
  /** What audiences were worked out of; another one means that all of them are worked out anew. */
  readonly basis: string;
}

export interface AccessStreamRow extends AccessPlan {
  readonly stream: StreamId;
  readonly object: string;
  /** Last record of the pass under way; null: it is through. */
  readonly passPlace: string | null;
  readonly settledAt: Date | null;
  readonly shareCursor: JsonObject | null;
  readonly sharesAt: Date | null;
  readonly listStartedAt: Date | null;
  readonly listPlace: string | null;
  readonly listedAt: Date | null;
}

const connectionColumns = `connection, state, facts, facts_at as "factsAt", standings_at as "standingsAt",
  sampled_at as "sampledAt", last_error as "lastError"`;
const streamColumns = `a.stream, s.object, a.strategy, a.rule, a.why, a.basis, a.pass_place as "passPlace",
  a.settled_at as "settledAt", a.share_cursor as "shareCursor", a.shares_at as "sharesAt",
  a.list_started_at as "listStartedAt", a.list_place as "listPlace", a.listed_at as "listedAt"`;

export const accessConnectionsSql = {
  begin: `insert into access_connection (tenant, connection, state) values ($1, $2, $3)
    on conflict (tenant, connection) do nothing`,
  end: 'delete from access_connection where tenant = $1 and connection = $2',
  lock: `select ${connectionColumns} from access_connection where tenant = $1 and connection = $2 for update`,
  read: `select ${connectionColumns} from access_connection where tenant = $1 and connection = $2`,
  all: `select ${connectionColumns} from access_connection where tenant = $1 order by connection`,
  keep: `update access_connection set state = $3, facts = $4::text::jsonb, facts_at = $5, standings_at = $6,
    sampled_at = $7, last_error = $8::text::jsonb where tenant = $1 and connection = $2`,
  connectionOf: `select s.connection from stream s where s.tenant = $1 and s.id = $2
    and exists (select 1 from access_stream a where a.tenant = $1 and a.stream = $2)`,
  stream: `select ${streamColumns} from access_stream a join stream s on s.tenant = $1 and s.id = a.stream
    where a.tenant = $1 and a.stream = $2`,
  streams: `select ${streamColumns} from access_stream a join stream s on s.tenant = $1 and s.id = a.stream
    where a.tenant = $1 and s.connection = $2 order by a.stream`,
  // Another basis: everything of before is worked out anew, from the first record.
  plan: `insert into access_stream as a (tenant, stream, strategy, rule, why, basis, pass_place)
    values ($1, $2, $3, $4::text::jsonb, $5, $6, '')
    on conflict (tenant, stream) do update set strategy = excluded.strategy, rule = excluded.rule, why = excluded.why,
      basis = excluded.basis, pass_place = '',
      settled_at = case when a.strategy = excluded.strategy then a.settled_at end
    where a.basis <> excluded.basis`,
  forget: 'delete from access_stream where tenant = $1 and stream = $2',
  settled:
    'update access_stream set settled_at = $3 where tenant = $1 and stream = any($2::int[]) and pass_place is null',
  pass: 'update access_stream set pass_place = $3 where tenant = $1 and stream = $2',
  moveShares: `update access_stream set share_cursor = $3::text::jsonb, shares_at = coalesce($4, shares_at)
    where tenant = $1 and stream = $2`,
  moveList: `update access_stream set list_started_at = $3, list_place = $4, listed_at = coalesce($5, listed_at)
    where tenant = $1 and stream = $2`,
} as const;

/** From now on its permissions are learned. */
export async function beginAccess(tx: Tx, { tenant, connection }: AccessKey, state: string): Promise<void> {
  await tx.query(accessConnectionsSql.begin, [tenant, connection, state]);
}

/** What was learned of the connection itself is forgotten; its streams' plans go by `forgetAccessStream`. */
export async function endAccess(tx: Tx, { tenant, connection }: AccessKey): Promise<void> {
  await tx.query(accessConnectionsSql.end, [tenant, connection]);
}

/**
 * The connection's row, locked: whoever changes classes of its records holds
 * it, so that one audience is one class and every record is worked out of the
 * facts that are in force. Null: its permissions are not learned.
 */
export async function lockAccess(tx: Tx, { tenant, connection }: AccessKey): Promise<AccessConnectionRow | null> {
  return (await tx.query<AccessConnectionRow>(accessConnectionsSql.lock, [tenant, connection]))[0] ?? null;
}

export async function readAccess(tx: Tx, { tenant, connection }: AccessKey): Promise<AccessConnectionRow | null> {
  return (await tx.query<AccessConnectionRow>(accessConnectionsSql.read, [tenant, connection]))[0] ?? null;
}

export function listAccess(tx: Tx, tenant: TenantId): Promise<AccessConnectionRow[]> {
  return tx.query<AccessConnectionRow>(accessConnectionsSql.all, [tenant]);
}

export async function keepAccess(tx: Tx, tenant: TenantId, row: AccessConnectionRow): Promise<void> {
  await tx.query(accessConnectionsSql.keep, [
    tenant,
    row.connection,
    row.state,
    row.facts === null ? null : JSON.stringify(row.facts),
    row.factsAt,
    row.standingsAt,
    row.sampledAt,
    row.lastError === null ? null : JSON.stringify(row.lastError),
  ]);
}

/** The connection of a stream whose permissions are learned; null where they are not. */
export async function accessConnectionOf(tx: Tx, { tenant, stream }: StreamKey): Promise<ConnectionId | null> {
  const [row] = await tx.query<{ connection: ConnectionId }>(accessConnectionsSql.connectionOf, [tenant, stream]);
  return row?.connection ?? null;
}

export async function readAccessStream(tx: Tx, { tenant, stream }: StreamKey): Promise<AccessStreamRow | null> {
  return (await tx.query<AccessStreamRow>(accessConnectionsSql.stream, [tenant, stream]))[0] ?? null;
}

export function listAccessStreams(tx: Tx, { tenant, connection }: AccessKey): Promise<AccessStreamRow[]> {
  return tx.query<AccessStreamRow>(accessConnectionsSql.streams, [tenant, connection]);
}

/** Where the basis is another one than before, all audiences of the stream are to be worked out anew. */
export async function planAccessStream(tx: Tx, { tenant, stream }: StreamKey, plan: AccessPlan): Promise<void> {
  const { strategy, rule, why, basis } = plan;
  const params = [tenant, stream, strategy, rule === null ? null : JSON.stringify(rule), why, basis];
  await tx.query(accessConnectionsSql.plan, params);
}

export async function forgetAccessStream(tx: Tx, { tenant, stream }: StreamKey): Promise<void> {
  await tx.query(accessConnectionsSql.forget, [tenant, stream]);
}

/** The facts were as they are at `at`, and every audience of these streams was worked out of them (but those still under way). */
export async function noteSettled(tx: Tx, tenant: TenantId, streams: readonly StreamId[], at: Date): Promise<void> {
  if (streams.length > 0) await tx.query(accessConnectionsSql.settled, [tenant, [...streams], at]);
}

/** `place` null: the pass is through. */
export async function movePass(tx: Tx, { tenant, stream }: StreamKey, place: string | null): Promise<void> {
  await tx.query(accessConnectionsSql.pass, [tenant, stream, place]);
}

/** `sharesAt`: all shares of then are in; null: there are more. */
export async function moveShares(
  tx: Tx,
  { tenant, stream }: StreamKey,
  to: { readonly cursor: JsonObject | null; readonly sharesAt: Date | null },
): Promise<void> {
  const cursor = to.cursor === null ? null : JSON.stringify(to.cursor);
  await tx.query(accessConnectionsSql.moveShares, [tenant, stream, cursor, to.sharesAt]);
}

/** The list of all shares: under way since `startedAt` (null: none is), kept up to `place`; `endedAt` where it is complete. */
export async function moveShareList(
  tx: Tx,
  { tenant, stream }: StreamKey,
  to: { readonly startedAt: Date | null; readonly place: string | null; readonly endedAt: Date | null },
): Promise<void> {
  await tx.query(accessConnectionsSql.moveList, [tenant, stream, to.startedAt, to.place, to.endedAt]);
}
