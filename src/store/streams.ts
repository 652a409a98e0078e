import {
  streamId,
  type ConnectionId,
  type ErrorBody,
  type ErrorCode,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';
import { rouseInbox } from './inbox.ts';
import { markDue } from './tenant-schedule.ts';

/** `new`: nothing asked yet. `backfill`: first load under way. `current`: everything up to `asOf` is here. */
export type StreamPhase = 'new' | 'backfill' | 'current';

/** One native object of one connection, with its cursor: the unit that sync moves. */
export interface StreamRow {
  readonly id: StreamId;
  readonly connection: ConnectionId;
  /** Native object name. */
  readonly object: string;
  readonly enabled: boolean;
  /** Who paused it, when and why; null: nobody did. */
  readonly paused: StreamPause | null;
  readonly cursor: JsonObject | null;
  readonly phase: StreamPhase;
  /** What the provider counted before the first load; null where it does not count. */
  readonly expectedRecords: number | null;
  /** Records received during the first load. */
  readonly backfillRecords: number;
  /** Upstream read time: what was true at the provider then is in `record`. Null before the first load is complete. */
  readonly asOf: Date | null;
  /** The last reading from the beginning left out what was changed before; null: nothing. */
  readonly loadedSince: Date | null;
  /** Somebody wants it read again; heeded by the next run, null once its first page is kept. */
  readonly backfillAsked: BackfillAsked | null;
  readonly schemaVersion: number | null;
  readonly everyS: number;
  readonly dueAt: Date;
  readonly leaseBy: string | null;
  readonly leaseUntil: Date | null;
  readonly lastError: ErrorBody | null;
  readonly lastRunAt: Date | null;
}

/** A type, not an interface: it is kept as JSON. */
export type StreamPause = {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly note: string | null;
};

/** A type, not an interface: it is kept as JSON. */
export type BackfillAsked = {
  /** ISO 8601: what was changed since then; null: everything. */
  readonly since: string | null;
  /** When it was asked for. */
  readonly at: string;
};

export const streamColumns = `id, connection, object, enabled, paused, cursor, phase, expected_records as "expectedRecords",
  backfill_records as "backfillRecords", as_of as "asOf", loaded_since as "loadedSince",
  backfill_asked as "backfillAsked", schema_version as "schemaVersion", every_s as "everyS",
  due_at as "dueAt", lease_by as "leaseBy", lease_until as "leaseUntil", last_error as "lastError", last_run_at as "lastRunAt"`;

export const streamsSql = {
  add: `insert into stream (tenant, id, connection, object, every_s, due_at) values ($1, $2, $3, $4, $5, $6)
    on conflict (tenant, connection, object) do nothing`,
  schedule: `update stream set every_s = $4, enabled = $5, due_at = least(due_at, coalesce($6, due_at))
    where tenant = $1 and connection = $2 and object = $3 returning id, due_at as "dueAt"`,
  byId: `select ${streamColumns} from stream where tenant = $1 and id = $2`,
  all: `select ${streamColumns} from stream where tenant = $1 order by id`,
  ofConnection: `select ${streamColumns} from stream where tenant = $1 and connection = $2 order by id`,
  expect: 'update stream set expected_records = $3 where tenant = $1 and id = $2',
  dismiss: `update stream set last_error = case when last_error ->> 'code' = $3 then null else last_error end
    where tenant = $1 and id = $2`,
  restart: `update stream set cursor = null, phase = 'new', expected_records = null, backfill_records = 0, due_at = $3
    where tenant = $1 and id = $2`,
  pause: `update stream set paused = $4::text::jsonb, due_at = case when $4::text is null then least(due_at, $5) else due_at end
    where tenant = $1 and connection = $2 and object = $3 returning id`,
  hold: 'select id from stream where tenant = $1 and id = $2 for no key update',
  loadedSince: `update stream set loaded_since = $3,
      backfill_asked = case when backfill_asked ->> 'at' = $4 then null else backfill_asked end
    where tenant = $1 and id = $2`,
  askBackfill:
    'update stream set backfill_asked = $3::text::jsonb where tenant = $1 and id = $2 returning connection, object',
} as const;

export interface StreamPlan {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly object: string;
  readonly everyS: number;
  readonly enabled?: boolean;
  /** A stream that is there is due by then, whatever its former schedule said. */
  readonly dueBy?: Date;
}

/** Makes the stream, due at once, or changes the schedule of the one that is there. Returns its id. */
export async function ensureStream(tx: Tx, plan: StreamPlan): Promise<StreamId> {
  const { tenant, connection, object, everyS, enabled = true, dueBy = null } = plan;
  const change = [tenant, connection, object, everyS, enabled, dueBy] as const;
  const [known] = await tx.query<{ id: number; dueAt: Date }>(streamsSql.schedule, change);
  if (known !== undefined) {
    if (enabled) await markDue(tx, tenant, known.dueAt);
    return streamId(known.id);
  }
  const id = await nextNumber(tx, tenant, 'stream');
  await tx.query(streamsSql.add, [tenant, id, connection, object, everyS, tx.now]);
  const [row] = await tx.query<{ id: number }>(streamsSql.schedule, change);
  if (row === undefined) throw new Error(`no stream for ${object}`);
  if (enabled) await markDue(tx, tenant, tx.now);
  return streamId(row.id);
}

export async function readStream(tx: Tx, tenant: TenantId, id: StreamId): Promise<StreamRow | null> {
  return (await tx.query<StreamRow>(streamsSql.byId, [tenant, id]))[0] ?? null;
}

/** All of the tenant's, or one connection's. */
export async function listStreams(tx: Tx, tenant: TenantId, connection?: ConnectionId): Promise<StreamRow[]> {
  return connection === undefined
    ? tx.query<StreamRow>(streamsSql.all, [tenant])
    : tx.query<StreamRow>(streamsSql.ofConnection, [tenant, connection]);
}

export async function setExpectedRecords(
  tx: Tx,
  tenant: TenantId,
  id: StreamId,
  expected: number | null,
): Promise<void> {
  await tx.query(streamsSql.expect, [tenant, id, expected]);
}

/** What the stream complained of is settled; anything else that it complains of stays. Locks the stream. */
export async function dismissError(
  tx: Tx,
  { tenant, stream, code }: { readonly tenant: TenantId; readonly stream: StreamId; readonly code: ErrorCode },
): Promise<void> {
  await tx.query(streamsSql.dismiss, [tenant, stream, code]);
}

/** Forgets the cursor (expired, or the field list changed): the next run reads everything again. Records stay. */
export async function restartStream(tx: Tx, tenant: TenantId, id: StreamId): Promise<void> {
  await tx.query(streamsSql.restart, [tenant, id, tx.now]);
  await markDue(tx, tenant, tx.now);
}

/**
 * Pauses one object, or resumes it (`pause` null): it is due at once then, from
 * where it stopped, with what was told of it meanwhile. A run under way ends by itself. False where there is none.
 */
export async function pauseStream(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly connection: ConnectionId;
    readonly object: string;
    readonly pause: StreamPause | null;
  },
): Promise<boolean> {
  const { tenant, connection, object, pause } = request;
  if (pause === null) await rouseInbox(tx, { tenant, connection });
  const text = pause === null ? null : JSON.stringify(pause);
  const rows = await tx.query(streamsSql.pause, [tenant, connection, object, text, tx.now]);
  if (rows.length > 0 && pause === null) await markDue(tx, tenant, tx.now);
  return rows.length > 0;
}

/** Until commit nobody else keeps anything of it, or takes it away: what is read of it here stays so. False where there is none. */
export async function holdStream(tx: Tx, tenant: TenantId, id: StreamId): Promise<boolean> {
  return (await tx.query(streamsSql.hold, [tenant, id])).length > 0;
}

/**
 * A reading from the beginning begins, without what was changed before `since`;
 * null: with everything. `asked`: the wish that it fulfils.
 */
export async function noteLoadedSince(
  tx: Tx,
  tenant: TenantId,
  id: StreamId,
  since: Date | null,
  asked: BackfillAsked | null = null,
): Promise<void> {
  await tx.query(streamsSql.loadedSince, [tenant, id, since, asked?.at ?? null]);
}

/** Null where there is no such stream. A wish that was not begun yet is replaced. */
export async function setBackfillAsked(
  tx: Tx,
  tenant: TenantId,
  id: StreamId,
  asked: BackfillAsked,
): Promise<{ readonly connection: ConnectionId; readonly object: string } | null> {
  const rows = await tx.query<{ connection: ConnectionId; object: string }>(streamsSql.askBackfill, [
    tenant,
    id,
    JSON.stringify(asked),
  ]);
  return rows[0] ?? null;
}
