import type { ConnectionId, TenantId } from '../kernel/index.ts';
import { tellAccess, type AccessKey } from './access-classes.ts';
import type { Db, Tx } from './db.ts';

/** One process at a time learns the permissions of a connection. */
export interface AccessTurn {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  /** Somebody waits for what is no older than this; null: nobody does. */
  readonly askedAt: Date | null;
}

export const accessTurnsSql = {
  want: `insert into access_turn as t (tenant, connection, due_at) values ($1, $2, $3)
    on conflict (tenant, connection) do update set due_at = excluded.due_at where t.due_at > excluded.due_at`,
  // In the order in which others take several of them.
  hurry: `with later as (
      select tenant, connection from access_turn where due_at > $1 order by tenant, connection for update)
    update access_turn t set due_at = $1 from later
    where t.tenant = later.tenant and t.connection = later.connection returning t.tenant`,
  hurryTenant: `with later as (
      select tenant, connection from access_turn where tenant = $2 and due_at > $1 order by connection for update)
    update access_turn t set due_at = $1 from later
    where t.tenant = $2 and t.connection = later.connection returning t.tenant`,
  ask: `insert into access_turn as t (tenant, connection, due_at, asked_at) values ($1, $2, $3, $3)
    on conflict (tenant, connection) do update set due_at = least(t.due_at, excluded.due_at), asked_at = excluded.asked_at`,
  claim: `with taken as (
      select tenant, connection from access_turn
      where due_at <= now() and (lease_until is null or lease_until <= now())
      order by asked_at is null, due_at limit $3 for update skip locked)
    update access_turn t set lease_by = $1, lease_until = now() + $2::int * interval '1 millisecond',
      due_at = now() + $4::int * interval '1 millisecond'
    from taken where t.tenant = taken.tenant and t.connection = taken.connection
    returning t.tenant, t.connection, t.asked_at as "askedAt"`,
  hold: `update access_turn set lease_until = $4 where tenant = $1 and connection = $2 and lease_by = $3
    returning asked_at as "askedAt"`,
  // What was wanted or asked for meanwhile stays due.
  settle: `update access_turn set lease_by = null, lease_until = null, due_at = least(due_at, $4),
      asked_at = case when asked_at > $5 then asked_at end
    where tenant = $1 and connection = $2 and lease_by = $3`,
  asked: `select exists (select 1 from access_turn
    where tenant = $1 and connection = any($2::int[]) and asked_at is not null) as found`,
  remove: 'delete from access_turn where tenant = $1 and connection = $2',
} as const;

/** It is due at `dueAt` at the latest. */
export async function wantAccessTurn(tx: Tx, { tenant, connection }: AccessKey, dueAt: Date): Promise<void> {
  await tx.query(accessTurnsSql.want, [tenant, connection, dueAt]);
}

/**
 * What the project says of rights is another thing now, for one tenant (null:
 * for all): every turn is due, and what is kept in memory is looked at again.
 */
export async function hurryAccessTurns(tx: Tx, tenant: TenantId | null): Promise<void> {
  const found = await (tenant === null
    ? tx.query<{ tenant: TenantId }>(accessTurnsSql.hurry, [tx.now])
    : tx.query<{ tenant: TenantId }>(accessTurnsSql.hurryTenant, [tx.now, tenant]));
  for (const each of new Set(found.map((row) => row.tenant))) await tellAccess(tx, each);
}

/** Somebody waits: it is due now, before the others. */
export async function askAccessTurn(tx: Tx, { tenant, connection }: AccessKey): Promise<void> {
  await tx.query(accessTurnsSql.ask, [tenant, connection, tx.now]);
}

/** Those that somebody waits for first, then longest due. Due again after `againMs`, unless something makes it due before. */
export function claimAccessTurns(
  tx: Tx,
  request: { readonly worker: string; readonly leaseMs: number; readonly limit: number; readonly againMs: number },
): Promise<AccessTurn[]> {
  const { worker, leaseMs, limit, againMs } = request;
  return tx.query<AccessTurn>(accessTurnsSql.claim, [worker, leaseMs, limit, againMs]);
}

/** Proves and prolongs the lease, in the transaction that relies on it. False: another process has it, and nothing may be kept. */
export async function holdAccessTurn(
  tx: Tx,
  { tenant, connection }: AccessKey,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<boolean> {
  const until = new Date(tx.now.getTime() + lease.leaseMs);
  return (await tx.query(accessTurnsSql.hold, [tenant, connection, lease.worker, until])).length > 0;
}

/** Gives it back, due again at `dueAt` at the latest. Whoever asked before `startedAt` has what they wanted. */
export async function settleAccessTurn(
  tx: Tx,
  { tenant, connection }: AccessKey,
  end: { readonly worker: string; readonly dueAt: Date; readonly startedAt: Date },
): Promise<void> {
  await tx.query(accessTurnsSql.settle, [tenant, connection, end.worker, end.dueAt, end.startedAt]);
}

/** Whether somebody still waits for one of these connections. */
export async function askedTurns(
  db: Pick<Db, 'query'>,
  tenant: TenantId,
  connections: readonly ConnectionId[],
): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(accessTurnsSql.asked, [tenant, [...connections]]);
  return row?.found ?? false;
}

/** Its permissions are not learned any more. */
export async function removeAccessTurn(tx: Tx, { tenant, connection }: AccessKey): Promise<void> {
  await tx.query(accessTurnsSql.remove, [tenant, connection]);
}
