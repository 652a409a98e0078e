import type { ConnectionId, ErrorBody, JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

export interface LineKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
}

/** Who holds a line. It counts by the database's time only. */
export interface LineHolder extends LineKey {
  /** Unique per process. */
  readonly holder: string;
}

/** A line of events. `state` is src/inbox's, opaque here. */
export interface LineRow extends LineKey {
  readonly state: string;
  readonly position: JsonObject | null;
  readonly failures: number;
  readonly lastError: ErrorBody | null;
  readonly unavailable: readonly string[];
  readonly liveSince: Date | null;
  readonly heardAt: Date | null;
}

const columns = `tenant, connection, state, position, failures, last_error as "lastError", unavailable,
  live_since as "liveSince", heard_at as "heardAt"`;

export const eventLinesSql = {
  want: `insert into event_line (tenant, connection, due_at) values ($1, $2, $3)
    on conflict (tenant, connection) do nothing`,
  due: 'select tenant, connection from event_line where due_at <= now() order by due_at limit $1',
  claim: `update event_line set holder = $3, due_at = $5, state = $6
    where tenant = $1 and connection = $2 and due_at <= $4 returning ${columns}`,
  hold: `update event_line set due_at = $4 where tenant = $1 and connection = $2 and holder = $3 returning connection`,
  keep: `update event_line set due_at = $4, position = $5::text::jsonb, state = $6, heard_at = $7, failures = 0,
      last_error = null, live_since = coalesce(live_since, $7)
    where tenant = $1 and connection = $2 and holder = $3 returning connection`,
  unavailable: 'update event_line set unavailable = $4 where tenant = $1 and connection = $2 and holder = $3',
  release: `update event_line set holder = null, due_at = $4, state = $5, failures = $6, last_error = $7::text::jsonb,
      live_since = null, position = case when $8::boolean then null else position end
    where tenant = $1 and connection = $2 and holder = $3 returning connection`,
  remove: 'delete from event_line where tenant = $1 and connection = $2 and holder = $3',
  one: `select ${columns} from event_line where tenant = $1 and connection = $2`,
} as const;

/** There shall be a line to this connection; harmless where there is one. */
export async function wantLine(tx: Tx, { tenant, connection }: LineKey): Promise<void> {
  await tx.query(eventLinesSql.want, [tenant, connection, tx.now]);
}

/** Lines that nobody holds now, of all tenants, longest free first. */
export function freeLines(db: Directory, limit: number): Promise<LineKey[]> {
  return db.query<LineKey>(eventLinesSql.due, [limit]);
}

/** Null where somebody else has it. */
export async function claimLine(
  tx: Tx,
  { tenant, connection, holder }: LineHolder,
  { leaseMs, state }: { readonly leaseMs: number; readonly state: string },
): Promise<LineRow | null> {
  const params = [tenant, connection, holder, tx.now, later(tx, leaseMs), state];
  return (await tx.query<LineRow>(eventLinesSql.claim, params))[0] ?? null;
}

/** Prolongs the lease. False: somebody else has the line. */
export async function holdLine(tx: Tx, { tenant, connection, holder }: LineHolder, leaseMs: number): Promise<boolean> {
  const held = await tx.query(eventLinesSql.hold, [tenant, connection, holder, later(tx, leaseMs)]);
  return held.length > 0;
}

/** The place after a batch, in the transaction that keeps the batch. False: somebody else has the line, keep nothing. */
export async function keepPosition(
  tx: Tx,
  { tenant, connection, holder }: LineHolder,
  kept: { readonly position: JsonObject; readonly leaseMs: number; readonly state: string },
): Promise<boolean> {
  const position = JSON.stringify(kept.position);
  const params = [tenant, connection, holder, later(tx, kept.leaseMs), position, kept.state, tx.now];
  return (await tx.query(eventLinesSql.keep, params)).length > 0;
}

/** Objects of which nothing comes on this line. */
export async function noteUnavailable(
  tx: Tx,
  { tenant, connection, holder }: LineHolder,
  objects: readonly string[],
): Promise<void> {
  await tx.query(eventLinesSql.unavailable, [tenant, connection, holder, objects]);
}

export interface LineEnd {
  readonly dueAt: Date;
  readonly state: string;
  readonly failures: number;
  /** Null: it was given up on purpose. */
  readonly error: ErrorBody | null;
  /** The place is of no use any more. */
  readonly forget: boolean;
}

/** Gives the line back. False: somebody else has it. */
export async function releaseLine(tx: Tx, { tenant, connection, holder }: LineHolder, end: LineEnd): Promise<boolean> {
  const error = end.error === null ? null : JSON.stringify(end.error);
  const params = [tenant, connection, holder, end.dueAt, end.state, end.failures, error, end.forget];
  return (await tx.query(eventLinesSql.release, params)).length > 0;
}

/** Nobody wants it any more. */
export async function removeLine(tx: Tx, { tenant, connection, holder }: LineHolder): Promise<void> {
  await tx.query(eventLinesSql.remove, [tenant, connection, holder]);
}

export async function readLine(db: Directory, { tenant, connection }: LineKey): Promise<LineRow | null> {
  return (await db.query<LineRow>(eventLinesSql.one, [tenant, connection]))[0] ?? null;
}

function later(tx: Tx, ms: number): Date {
  return new Date(tx.now.getTime() + ms);
}
