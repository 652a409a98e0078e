import { GantryError, type ConnectionId, type ErrorBody, type StreamId, type TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { streamColumns, type StreamRow } from './streams.ts';
import { markDue, settleDue } from './tenant-schedule.ts';

/** Who works on a stream. A lease counts by the database's time only (`tx.now`). */
export interface LeaseHolder {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  /** Unique per worker process and run. */
  readonly worker: string;
}

export const streamLeasesSql = {
  claim: `with due as (
      select id as due_id, awaited_at is not null and phase = 'current' as awaited from stream
      where tenant = $1 and enabled and not held and paused is null and due_at <= $2
        and (lease_until is null or lease_until <= $2) and connection <> all($6::int[])
      order by awaited desc, due_at, id limit $3 for update skip locked)
    update stream set lease_by = $4, lease_until = $5, claimed_at = $2, awaited_at = null
    from due where tenant = $1 and id = due_id
    returning ${streamColumns}, awaited`,
  heartbeat: `update stream set lease_until = $4 where tenant = $1 and id = $2 and lease_by = $3 returning id`,
  hold: `select id from stream where tenant = $1 and id = $2 and lease_by = $3 for update`,
  release: `update stream set lease_by = null, lease_until = null, last_run_at = $4, last_error = $5::text::jsonb,
      due_at = case when due_at > claimed_at then due_at
        else coalesce($6, $4::timestamptz + make_interval(secs => every_s)) end
    where tenant = $1 and id = $2 and lease_by = $3 returning due_at as "dueAt"`,
  // During a run it is later than the claim by the least there is: both may come in one millisecond.
  // What was due already stays as due as it was, also where somebody begins to wait for it.
  request: `update stream set awaited_at = case when $6::boolean then coalesce(awaited_at, $2) else awaited_at end,
      due_at = case when due_at > $2 or lease_by is not null
        then greatest($2, last_run_at + $5::int * interval '1 millisecond',
          case when lease_by is not null then claimed_at + interval '1 microsecond' end)
        else due_at end
    where tenant = $1 and enabled and not held and paused is null
      and (due_at > $2 or lease_by is not null or ($6 and awaited_at is null))
      and ($3::int is null or connection = $3) and ($4::text is null or object = $4)
    returning due_at >= $2 as "wasNotDue"`,
} as const;

/** A stream that was leased just now. */
export interface ClaimedStream extends StreamRow {
  /** An agent or a person waits for what it brings; told to one claim only. Never during a first load: it takes longer than anybody waits. */
  readonly awaited: boolean;
}

/**
 * Leases up to `limit` due streams of one tenant, those that somebody waits for
 * first, then those that are due longest; skips what
 * others are claiming right now, and connections that are `busy`. What is left
 * decides when the tenant is looked at next.
 */
export async function claimDue(
  tx: Tx,
  claim: {
    readonly tenant: TenantId;
    readonly worker: string;
    readonly leaseMs: number;
    readonly limit: number;
    readonly busy?: readonly ConnectionId[];
  },
): Promise<ClaimedStream[]> {
  const { tenant, worker, leaseMs, limit, busy = [] } = claim;
  const rows = await tx.query<ClaimedStream>(streamLeasesSql.claim, [
    tenant,
    tx.now,
    limit,
    worker,
    later(tx, leaseMs),
    [...busy],
  ]);
  await settleDue(tx, tenant);
  const rank = ({ awaited }: ClaimedStream): number => (awaited ? 0 : 1);
  return rows.toSorted((a, b) => rank(a) - rank(b) || a.dueAt.getTime() - b.dueAt.getTime() || a.id - b.id);
}

/** Prolongs the lease. Raises `stream_lease_lost` when another worker has it. */
export async function heartbeat(tx: Tx, holder: LeaseHolder, leaseMs: number): Promise<void> {
  const { tenant, stream, worker } = holder;
  const rows = await tx.query(streamLeasesSql.heartbeat, [tenant, stream, worker, later(tx, leaseMs)]);
  if (rows.length === 0) throw leaseLost(holder);
}

export interface RunOutcome {
  /** Null: the run went well. */
  readonly error: ErrorBody | null;
  /** When to run again; by default after the stream's interval. */
  readonly dueAt?: Date;
}

/** Gives the lease back after a run. Raises `stream_lease_lost` when another worker has it. */
export async function release(tx: Tx, holder: LeaseHolder, outcome: RunOutcome): Promise<void> {
  const { tenant, stream, worker } = holder;
  const error = outcome.error === null ? null : JSON.stringify(outcome.error);
  const params = [tenant, stream, worker, tx.now, error, outcome.dueAt ?? null];
  const [row] = await tx.query<{ dueAt: Date }>(streamLeasesSql.release, params);
  if (row === undefined) throw leaseLost(holder);
  await markDue(tx, tenant, row.dueAt);
}

/**
 * Makes streams due now; those that are being read will be read again, since
 * what this is asked for may have come too late for the present run. `pauseMs`:
 * the least time between the end of a run and the next one. Returns how many
 * were not due yet.
 */
export async function requestSync(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly connection?: ConnectionId;
    readonly object?: string;
    readonly pauseMs?: number;
    /** An agent or a person waits for it. */
    readonly awaited?: boolean;
  },
): Promise<number> {
  const { tenant, connection = null, object = null, pauseMs = 0, awaited = false } = request;
  const params = [tenant, tx.now, connection, object, pauseMs, awaited];
  const rows = await tx.query<{ wasNotDue: boolean }>(streamLeasesSql.request, params);
  // Also where none changed: one that was due already may have been held until now, or there may be none yet.
  await markDue(tx, tenant, tx.now);
  return rows.filter(({ wasNotDue }) => wasNotDue).length;
}

export function leaseLost({ stream, worker }: Pick<LeaseHolder, 'stream' | 'worker'>): GantryError {
  return new GantryError('stream_lease_lost', {
    message: `Worker ${worker} no longer holds stream ${stream}.`,
    where: `stream ${stream}`,
  });
}

function later(tx: Tx, ms: number): Date {
  return new Date(tx.now.getTime() + ms);
}
