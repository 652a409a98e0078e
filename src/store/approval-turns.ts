import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/* In which tenant something is due for approvals, and which process looks after it: one at a time per tenant. */
export const approvalTurnsSql = {
  due: `insert into approval_turn as t (tenant, due_at) values ($1, $2)
    on conflict (tenant) do update set due_at = excluded.due_at where t.due_at > excluded.due_at`,
  // Due again after `againMs` even while somebody has it: a word that comes meanwhile is not lost.
  claim: `with taken as (
      select tenant from approval_turn where due_at <= now() and (lease_until is null or lease_until <= now())
      order by due_at limit $3 for update skip locked)
    update approval_turn t set lease_by = $1, lease_until = now() + $2::int * interval '1 millisecond',
      due_at = now() + $4::int * interval '1 millisecond'
    from taken where t.tenant = taken.tenant returning t.tenant`,
  hold: 'update approval_turn set lease_until = $3 where tenant = $1 and lease_by = $2 returning tenant',
  settle: `update approval_turn set lease_by = null, lease_until = null, due_at = least(due_at, $3)
    where tenant = $1 and lease_by = $2`,
} as const;

/** In the transaction of what is due then. */
export async function approvalTurnDue(tx: Tx, tenant: TenantId, at: Date): Promise<void> {
  await tx.query(approvalTurnsSql.due, [tenant, at]);
}

export async function claimApprovalTurns(
  db: Directory,
  request: {
    readonly worker: string;
    readonly leaseMs: number;
    readonly limit: number;
    readonly againMs: number;
  },
): Promise<TenantId[]> {
  const { worker, leaseMs, limit, againMs } = request;
  const rows = await db.query<{ tenant: TenantId }>(approvalTurnsSql.claim, [worker, leaseMs, limit, againMs]);
  return rows.map(({ tenant }) => tenant);
}

/** Proves and prolongs the lease. False: another process has it. */
export async function holdApprovalTurn(
  tx: Tx,
  tenant: TenantId,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<boolean> {
  const until = new Date(tx.now.getTime() + lease.leaseMs);
  return (await tx.query(approvalTurnsSql.hold, [tenant, lease.worker, until])).length > 0;
}

/** Gives it back; it is due again at `dueAt` at the latest. */
export async function settleApprovalTurn(
  db: Directory,
  tenant: TenantId,
  end: { readonly worker: string; readonly dueAt: Date },
): Promise<void> {
  await db.query(approvalTurnsSql.settle, [tenant, end.worker, end.dueAt]);
}
