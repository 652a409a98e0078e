import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/*
 * Which tenant's problems are to be looked at, and which process does. One at
 * a time per tenant, so that messages about it keep their order. Tenant 0 is
 * the installation.
 */
export const alertTurnsSql = {
  enrol: `insert into alert_turn (due_at, tenant) select now(), id from tenant union all select now(), 0
    on conflict (tenant) do nothing`,
  now: `insert into alert_turn as t (tenant, due_at) values ($1, $2)
    on conflict (tenant) do update set due_at = excluded.due_at where t.due_at > excluded.due_at`,
  // Due again after `againMs` even while somebody has it: a word that comes meanwhile is not lost.
  claim: `with taken as (
      select tenant from alert_turn where due_at <= now() and (lease_until is null or lease_until <= now())
      order by due_at limit $3 for update skip locked)
    update alert_turn t set lease_by = $1, lease_until = now() + $2::int * interval '1 millisecond',
      due_at = now() + $4::int * interval '1 millisecond'
    from taken where t.tenant = taken.tenant returning t.tenant`,
  hold: 'update alert_turn set lease_until = $3 where tenant = $1 and lease_by = $2 returning tenant',
  settle: `update alert_turn set lease_by = null, lease_until = null, due_at = least(due_at, $3)
    where tenant = $1 and lease_by = $2`,
} as const;

/** Tenants that are not looked at yet are from now on. */
export async function enrolAlertTurns(db: Directory): Promise<void> {
  await db.query(alertTurnsSql.enrol);
}

/** Something may be wrong, or right again. */
export async function alertTurnNow(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.query(alertTurnsSql.now, [tenant, tx.now]);
}

/** Longest due first. */
export async function claimAlertTurns(
  db: Directory,
  request: {
    readonly worker: string;
    readonly leaseMs: number;
    readonly limit: number;
    /** Unless something makes it due before, it is looked at again after so long. */
    readonly againMs: number;
  },
): Promise<TenantId[]> {
  const { worker, leaseMs, limit, againMs } = request;
  const rows = await db.query<{ tenant: TenantId }>(alertTurnsSql.claim, [worker, leaseMs, limit, againMs]);
  return rows.map(({ tenant }) => tenant);
}

/** Proves and prolongs the lease, in the transaction that relies on it. False: another process has it, and nothing may be kept. */
export async function holdAlertTurn(
  tx: Tx,
  tenant: TenantId,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<boolean> {
  const until = new Date(tx.now.getTime() + lease.leaseMs);
  return (await tx.query(alertTurnsSql.hold, [tenant, lease.worker, until])).length > 0;
}

/** Gives it back; it is due again at `dueAt` at the latest. */
export async function settleAlertTurn(
  db: Directory,
  tenant: TenantId,
  end: { readonly worker: string; readonly dueAt: Date },
): Promise<void> {
  await db.query(alertTurnsSql.settle, [tenant, end.worker, end.dueAt]);
}
