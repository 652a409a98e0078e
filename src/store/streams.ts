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

/** `new`: nothing asked yet. `backfill`: first load under way. `current`: everything up to `asOf` is here. */
export type StreamPhase = 'new' | 'backfill' | 'current';

/** One native object of one connection, with its cursor: the unit that sync moves. */
export interface StreamRow {
  readonly id: StreamId;
  readonly connection: ConnectionId;
  /** Native object name. */
  readonly object: string;
  readonly enabled: boolean;
  readonly cursor: JsonObject | null;
  readonly phase: StreamPhase;
  /** What the provider counted before the first load; null where it does not count. */
  readonly expectedRecords: number | null;
  /** Records received during the first load. */
  readonly backfillRecords: number;
  /** Upstream read time: what was true at the provider then is in `record`. Null before the first load is complete. */
  readonly asOf: Date | null;
  readonly schemaVersion: number | null;
  readonly everyS: number;
  readonly dueAt: Date;
  readonly leaseBy: string | null;
  readonly leaseUntil: Date | null;
  readonly lastError: ErrorBody | null;
  readonly lastRunAt: Date | null;
}

export const streamColumns = `id, connection, object, enabled, cursor, phase, expected_records as "expectedRecords",
  backfill_records as "backfillRecords", as_of as "asOf", schema_version as "schemaVersion", every_s as "everyS",
  due_at as "dueAt", lease_by as "leaseBy", lease_until as "leaseUntil", last_error as "lastError", last_run_at as "lastRunAt"`;

export const streamsSql = {
  add: `insert into stream (tenant, id, connection, object, every_s, due_at) values ($1, $2, $3, $4, $5, $6)
    on conflict (tenant, connection, object) do nothing`,
  schedule: `update stream set every_s = $4, enabled = $5 where tenant = $1 and connection = $2 and object = $3 returning id`,
  byId: `select ${streamColumns} from stream where tenant = $1 and id = $2`,
  all: `select ${streamColumns} from stream where tenant = $1 order by id`,
  ofConnection: `select ${streamColumns} from stream where tenant = $1 and connection = $2 order by id`,
  expect: 'update stream set expected_records = $3 where tenant = $1 and id = $2',
  dismiss: `update stream set last_error = case when last_error ->> 'code' = $3 then null else last_error end
    where tenant = $1 and id = $2`,
  restart: `update stream set cursor = null, phase = 'new', expected_records = null, backfill_records = 0, due_at = $3
    where tenant = $1 and id = $2`,
} as const;

export interface StreamPlan {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly object: string;
  readonly everyS: number;
  readonly enabled?: boolean;
}

/** Makes the stream, due at once, or changes the schedule of the one that is there. Returns its id. */
export async function ensureStream(tx: Tx, plan: StreamPlan): Promise<StreamId> {
  const { tenant, connection, object, everyS, enabled = true } = plan;
  const change = [tenant, connection, object, everyS, enabled] as const;
  const [known] = await tx.query<{ id: number }>(streamsSql.schedule, change);
  if (known !== undefined) return streamId(known.id);
  const id = await nextNumber(tx, tenant, 'stream');
  await tx.query(streamsSql.add, [tenant, id, connection, object, everyS, tx.now]);
  const [row] = await tx.query<{ id: number }>(streamsSql.schedule, change);
  if (row === undefined) throw new Error(`no stream for ${object}`);
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
}
