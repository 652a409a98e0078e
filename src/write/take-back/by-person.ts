import type { AuditEntry } from '../../audit/index.ts';
import { GantryError, type TenantId } from '../../kernel/index.ts';
import { lockWritePlans, moveTakeBack, readTakeBacks, type Tx } from '../../store/index.ts';
import type { WriteActor, WriteDeps } from '../deps.ts';
import { planEntry } from '../entries.ts';
import { followPlans, planUnknown } from '../move-plan.ts';
import { statusOf } from '../plan-status.ts';
import type { PlanStatus } from '../types.ts';
import { compareNow } from './follow-take-back.ts';
import { remainsJson, takeBackOf, type TakeBack } from './remain.ts';
import { nextTakeBackState, takeBackTable } from './take-back-state.ts';

/**
 * What a person says of a step that could not be taken back.
 *
 * - again: what stands there is compared once more
 * - leave: what stands there stays, and the steps before are taken back
 * - leave_all: that, and of the steps before everything stays as well
 */
export type TakeBackWord = 'again' | 'leave' | 'leave_all';

export const takeBackWords: readonly TakeBackWord[] = ['again', 'leave', 'leave_all'];

/** Raises `write_plan_unknown`, `write_state_conflict`. */
export async function sayOnTakeBack(
  deps: WriteDeps,
  tenant: TenantId,
  { plan: id, step }: { readonly plan: string; readonly step: number },
  said: { readonly word: TakeBackWord; readonly who: WriteActor; readonly reason: string | null },
): Promise<PlanStatus> {
  const status = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const [row] = await lockWritePlans(tx, tenant, [id]);
      if (row === undefined) throw planUnknown(id);
      const takeBacks = (await readTakeBacks(tx, tenant, id)).map(takeBackOf);
      const each = takeBacks.find((one) => one.step === step);
      if (each?.state !== 'needs_human') throw notNow(id, step);
      if (said.word === 'again') await compareNow(tx, tenant, each, 'again');
      else await leave(tx, tenant, each, 'left');
      if (said.word === 'leave_all') {
        const others = takeBacks.filter((one) => one !== each && takeBackTable[one.state].ended !== null);
        for (const other of others) await leave(tx, tenant, other, 'ended');
      }
      const detail = { step, said: said.word, why: said.reason, remains: remainsJson(each.remains) };
      const entries: AuditEntry[] = [planEntry('take_back_said', row, { actor: said.who, detail })];
      await followPlans(tx, tenant, [row], entries);
      const now = await statusOf(tx, tenant, id);
      await deps.audit(tx, tenant, entries);
      return now;
    },
    'write.take_back_said',
  );
  if (status === null) throw planUnknown(id);
  return status;
}

async function leave(tx: Tx, tenant: TenantId, each: TakeBack, event: 'left' | 'ended'): Promise<void> {
  const { plan, step, writeStep, remains } = each;
  const state = nextTakeBackState(each.state, event);
  const kept = remainsJson(remains);
  await moveTakeBack(tx, tenant, { plan, step, state, writeStep, remains: kept, dueAt: null, deadlineAt: null });
}

const notNow = (plan: string, step: number): GantryError =>
  new GantryError('write_state_conflict', {
    message: `Taking back step ${String(step)} does not wait for a person.`,
    where: plan,
    fix: 'Look at the plan with `gantry plans show ID`: it says which step waits.',
  });
