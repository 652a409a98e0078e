import type { AuditEntry } from '../audit/index.ts';
import { GantryError, limits, type TenantId } from '../kernel/index.ts';
import { lockWritePlans, overdueWritePlans } from '../store/index.ts';
import { isOf } from './commit.ts';
import type { WriteActor, WriteDeps } from './deps.ts';
import { gantry, planEntry } from './entries.ts';
import { cancelPlanned, followPlans, movePlan, planUnknown } from './move-plan.ts';
import { statusOf } from './plan-status.ts';
import type { PlanStatus } from './types.ts';

/**
 * Takes a plan back: what was not sent never will be; what is under way ends,
 * and can be undone. Raises `write_plan_unknown`, `write_state_conflict`.
 */
export async function withdrawPlan(
  deps: WriteDeps,
  tenant: TenantId,
  id: string,
  { who, reason }: { readonly who: WriteActor; readonly reason: string | null },
): Promise<PlanStatus> {
  const status = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const [row] = await lockWritePlans(tx, tenant, [id]);
      if (row === undefined || !isOf(row, who)) throw planUnknown(id);
      if (row.state === 'withdrawn') return statusOf(tx, tenant, id);
      const moved = await movePlan(tx, tenant, row, 'withdrawn', { reason: reason ?? 'Withdrawn.' });
      if (moved === null) throw tooLate(id, row.state);
      const cancelled = await cancelPlanned(tx, tenant, [id], { code: 'withdrawn' });
      const detail = { cancelled: cancelled.length, why: reason };
      const entries: AuditEntry[] = [planEntry('plan_withdrawn', row, { actor: who, detail })];
      const unsent = row.acceptedAt !== null && cancelled.length === row.records;
      if (unsent) await deps.rules.dropped(tx, tenant, id);
      // Nobody has to decide any more, nor to look afterwards at what was never sent.
      if (unsent || row.state === 'awaiting_approval') {
        await deps.approvals?.close(tx, { tenant, plan: id, why: 'withdrawn' });
      }
      await followPlans(tx, tenant, [moved], entries);
      const now = await statusOf(tx, tenant, id);
      await deps.audit(tx, tenant, entries);
      return now;
    },
    'write.withdraw',
  );
  if (status === null) throw planUnknown(id);
  return status;
}

const tooLate = (id: string, state: string): GantryError =>
  new GantryError('write_state_conflict', {
    message: `The plan is ${state} and cannot be taken back.`,
    where: id,
    fix: 'What was written can be undone with `undo`.',
  });

/**
 * Plans that nobody committed, and proposals that nobody carried out, end with
 * their time. What waits for people ends with their decisions. Returns how many.
 */
export async function expirePlans(deps: WriteDeps, tenant: TenantId): Promise<number> {
  const ids = await deps.db.tenantRead(tenant, (tx) => overdueWritePlans(tx, tenant, limits.plansListedMax));
  if (ids.length === 0) return 0;
  return deps.db.tenantTx(
    tenant,
    async (tx) => {
      const entries: AuditEntry[] = [];
      for (const row of await lockWritePlans(tx, tenant, ids)) {
        if (row.expiresAt > tx.now || (row.state !== 'prepared' && row.state !== 'proposed')) continue;
        await movePlan(tx, tenant, row, 'expired', { reason: 'Its time is over.' });
        await cancelPlanned(tx, tenant, [row.id], { code: 'withdrawn' });
        entries.push(planEntry('plan_expired', row, { actor: gantry }));
      }
      await deps.audit(tx, tenant, entries);
      return entries.length;
    },
    'write.expire_plans',
  );
}
