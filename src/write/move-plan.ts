import type { AuditEntry } from '../audit/index.ts';
import { GantryError, limits, type TenantId } from '../kernel/index.ts';
import {
  advanceWritePlans,
  cancelWrites,
  countWrites,
  endWritesTo,
  moveWritePlan,
  releaseWrites,
  wantWriteTurn,
  type Tx,
  type WriteCount,
  type WritePlanRow,
} from '../store/index.ts';
import { gantry, planEntry } from './entries.ts';
import { grouped } from './grouped.ts';
import { isEnded, nextPlanState, type PlanEvent, type PlanState } from './plan-state.ts';
import { fillResults } from './steps/fill-results.ts';
import { isUnsettled, writeStatesBefore, type WriteState } from './write-state.ts';

export interface PlanStep {
  readonly reason?: string | null;
  readonly accepted?: boolean;
  readonly approved?: boolean;
}

/** Moves a locked plan; null: that cannot happen to it now, and nothing was done. */
export async function movePlan(
  tx: Tx,
  tenant: TenantId,
  row: WritePlanRow,
  event: PlanEvent,
  { reason = null, accepted = false, approved = false }: PlanStep = {},
): Promise<WritePlanRow | null> {
  const state = nextPlanState(row.state as PlanState, event);
  if (state === null) return null;
  const endedAt = isEnded(state) ? tx.now : null;
  await moveWritePlan(tx, tenant, row.id, {
    state,
    reason,
    endedAt,
    acceptedAt: accepted ? tx.now : null,
    approved,
  });
  return {
    ...row,
    state,
    reason,
    endedAt,
    acceptedAt: row.acceptedAt ?? (accepted ? tx.now : null),
    approved: row.approved || approved,
  };
}

/**
 * The writes of a step may be sent from now on; those of connections that are
 * gone never will be. True: there are such, so that it has to be looked at what
 * follows for the plan.
 */
export async function releaseStep(tx: Tx, tenant: TenantId, plan: string, step: number): Promise<boolean> {
  const deadlineAt = new Date(tx.now.getTime() + limits.writeDeadlineMs);
  const { released, gone } = await releaseWrites(tx, tenant, { plan, step, deadlineAt });
  for (const connection of released) await wantWriteTurn(tx, { tenant, connection }, tx.now);
  for (const connection of gone) {
    await endWritesTo(
      tx,
      { tenant, connection },
      {
        plans: [plan],
        state: 'cancelled',
        endedAt: tx.now,
        code: 'connection_gone',
        from: writeStatesBefore('cancelled'),
      },
    );
  }
  return gone.length > 0;
}

/**
 * What follows for locked plans after something happened to their writes: the
 * next step begins when the one before has wholly succeeded, does not if
 * anything of it failed, and a plan ends with its last write. Adds to `entries`.
 */
export async function followPlans(
  tx: Tx,
  tenant: TenantId,
  rows: readonly WritePlanRow[],
  entries: AuditEntry[],
): Promise<void> {
  const under = rows.filter(({ state }) => state === 'queued' || state === 'running' || state === 'stopping');
  if (under.length === 0) return;
  const ids = under.map(({ id }) => id);
  const stopping = under.filter(({ state }) => state === 'stopping').map(({ id }) => id);
  if (stopping.length > 0) await cancelPlanned(tx, tenant, stopping, { code: 'withdrawn' });
  const counts = await countWrites(tx, tenant, ids);
  const own = grouped(counts, ({ plan }) => plan);
  const ending: Ending[] = [];
  for (const row of under) {
    const ended = await followPlan(tx, tenant, row, { counts: own.get(row.id) ?? [], entries });
    if (ended !== null) ending.push(ended);
  }
  for (const [state, ended] of grouped(ending, (each) => each.state)) {
    await advanceWritePlans(
      tx,
      tenant,
      ended.map(({ row }) => row.id),
      { state, endedAt: tx.now },
    );
  }
  for (const { row, state, counts: totals } of ending) {
    entries.push(planEntry('plan_ended', row, { actor: gantry, detail: { state, counts: totalsOf(totals) } }));
  }
}

interface Ending {
  readonly row: WritePlanRow;
  readonly state: PlanState;
  readonly counts: readonly WriteCount[];
}

/** Null: it goes on. */
async function followPlan(
  tx: Tx,
  tenant: TenantId,
  row: WritePlanRow,
  { counts, entries }: { readonly counts: readonly WriteCount[]; readonly entries: AuditEntry[] },
): Promise<Ending | null> {
  const next = nextOf(counts);
  if (next.kind === 'wait') return null;
  if (next.kind === 'release') {
    await fillResults(tx, tenant, row, next.step);
    if (await releaseStep(tx, tenant, row.id, next.step)) await followPlans(tx, tenant, [row], entries);
    return null;
  }
  if (next.kind === 'give_up') {
    const later = { code: 'step_failed', step: next.step };
    await cancelPlanned(tx, tenant, [row.id], later);
  }
  const state = nextPlanState(row.state as PlanState, 'ended');
  if (state === null) return null;
  return { row, state, counts: next.kind === 'end' ? counts : await countWrites(tx, tenant, [row.id]) };
}

type Next =
  | { readonly kind: 'wait' }
  | { readonly kind: 'release'; readonly step: number }
  /** From this step on nothing is sent. */
  | { readonly kind: 'give_up'; readonly step: number }
  | { readonly kind: 'end' };

/** Pure: what follows for a plan whose writes are in these states. */
export function nextOf(counts: readonly Omit<WriteCount, 'plan'>[]): Next {
  const steps = [...new Set(counts.map(({ step }) => step))].toSorted((one, other) => one - other);
  for (const step of steps) {
    const own = counts.filter((each) => each.step === step);
    if (own.every(({ state }) => state === 'succeeded')) continue;
    if (own.every(({ state }) => state === 'planned')) return { kind: 'release', step };
    if (own.some(({ state }) => isUnsettled(state as WriteState))) return { kind: 'wait' };
    return counts.some((each) => each.step > step && each.state === 'planned')
      ? { kind: 'give_up', step: step + 1 }
      : { kind: 'end' };
  }
  return { kind: 'end' };
}

export const totalsOf = (counts: readonly Pick<WriteCount, 'state' | 'count'>[]): Record<string, number> => {
  const totals: Record<string, number> = {};
  for (const { state, count } of counts) totals[state] = (totals[state] ?? 0) + count;
  return totals;
};

/** Takes back what was not sent. */
export const cancelPlanned = (
  tx: Tx,
  tenant: TenantId,
  plans: readonly string[],
  { code, step }: { readonly code: string; readonly step?: number },
) =>
  cancelWrites(tx, tenant, plans, {
    state: 'cancelled',
    code,
    from: writeStatesBefore('cancelled'),
    ...(step === undefined ? {} : { step }),
  });

export const planUnknown = (id: string): GantryError =>
  new GantryError('write_plan_unknown', { message: `There is no plan "${id}".`, where: 'plan' });
