import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** A connection that a worker sends to, until its lease ends. */
export interface WriteTurn {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  /** Counts up with every claim: what an earlier holder left behind has a smaller one. */
  readonly fence: number;
}

export type WriteTurnKey = Omit<WriteTurn, 'fence'>;

/** Notified when something is to be sent. A hint: poll as well. */
export const writeChannel = 'gantry_write';

export const writeTurnsSql = {
  want: `insert into write_turn as t (tenant, connection, due_at) values ($1, $2, $3)
    on conflict (tenant, connection) do update set due_at = least(t.due_at, excluded.due_at)
    returning pg_notify($4, $5)`,
  rouse: `update write_turn set due_at = least(due_at, $3) where tenant = $1 and connection = $2`,
  tell: 'select pg_notify($1, $2)',
  claim: `with free as (
      select tenant, connection, row_number() over (partition by tenant order by due_at) as turn, due_at
      from write_turn
      where due_at <= now() and (lease_until is null or lease_until <= now()) and not tenant = any($4::int[])),
    taken as (
      select s.tenant, s.connection from write_turn s
      where (s.tenant, s.connection) in (select tenant, connection from free order by turn, due_at limit $3)
        and (s.lease_until is null or s.lease_until <= now())
      for update skip locked)
    update write_turn t set lease_by = $1, lease_until = now() + $2::int * interval '1 millisecond',
      due_at = now() + $5::int * interval '1 millisecond', fence = t.fence + 1
    from taken where t.tenant = taken.tenant and t.connection = taken.connection
    returning t.tenant, t.connection, t.fence`,
  hold: `update write_turn set lease_until = $5 where tenant = $1 and connection = $2 and lease_by = $3 and fence = $4
    returning connection`,
  holdWorking: `update write_turn set lease_until = $5
    where tenant = $1 and connection = $2 and lease_by = $3 and fence = $4
    returning (select state from connection where tenant = $1 and id = $2) as state`,
  settle: `update write_turn set lease_by = null, lease_until = null, due_at = least(due_at, $5)
    where tenant = $1 and connection = $2 and lease_by = $3 and fence = $4`,
  remove: 'delete from write_turn where tenant = $1 and connection = $2',
} as const;

/** It is due at `dueAt` at the latest, and whoever waits for something to send looks once this transaction commits. */
export async function wantWriteTurn(tx: Tx, { tenant, connection }: WriteTurnKey, dueAt: Date): Promise<void> {
  await tx.query(writeTurnsSql.want, [tenant, connection, dueAt, writeChannel, String(tenant)]);
}

/** Something is to be done for it now, if there is anything at all. */
export async function rouseWriteTurn(tx: Tx, { tenant, connection }: WriteTurnKey): Promise<void> {
  await tx.query(writeTurnsSql.rouse, [tenant, connection, tx.now]);
  // Whoever waits for something to send looks once this transaction commits.
  await tx.query(writeTurnsSql.tell, [writeChannel, String(tenant)]);
}

/** At most `limit` that are due and that nobody has, tenants by turns; `busy` tenants are left out. */
export function claimWriteTurns(
  db: Directory,
  request: {
    /** Another for each claim: what a claim of before left running, even in this process, holds nothing then. */
    readonly worker: string;
    readonly leaseMs: number;
    readonly limit: number;
    readonly busy: readonly TenantId[];
    /** Unless something makes it due before, it is looked at again after so long. */
    readonly againMs: number;
  },
): Promise<WriteTurn[]> {
  const { worker, leaseMs, limit, busy, againMs } = request;
  return db.query<WriteTurn>(writeTurnsSql.claim, [worker, leaseMs, limit, [...busy], againMs]);
}

/** Proves and prolongs the lease, in the transaction that relies on it. False: another worker has it, and nothing may be kept. */
export async function holdWriteTurn(
  tx: Tx,
  { tenant, connection, fence }: WriteTurn,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<boolean> {
  const until = new Date(tx.now.getTime() + lease.leaseMs);
  return (await tx.query(writeTurnsSql.hold, [tenant, connection, lease.worker, fence, until])).length > 0;
}

/** The same with the connection's state, null where it is gone: one question before each send. Null: another worker has it. */
export async function holdWorkingTurn(
  tx: Tx,
  { tenant, connection, fence }: WriteTurn,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<{ readonly state: string | null } | null> {
  const until = new Date(tx.now.getTime() + lease.leaseMs);
  const params = [tenant, connection, lease.worker, fence, until];
  return (await tx.query<{ state: string | null }>(writeTurnsSql.holdWorking, params))[0] ?? null;
}

/** Gives it back, due again at `dueAt` at the latest. */
export async function settleWriteTurn(
  tx: Tx,
  { tenant, connection, fence }: WriteTurn,
  end: { readonly worker: string; readonly dueAt: Date },
): Promise<void> {
  await tx.query(writeTurnsSql.settle, [tenant, connection, end.worker, fence, end.dueAt]);
}

/** The connection is gone, and all that was to be sent with it. */
export async function removeWriteTurn(tx: Tx, { tenant, connection }: WriteTurnKey): Promise<void> {
  await tx.query(writeTurnsSql.remove, [tenant, connection]);
}
