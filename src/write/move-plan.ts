import type { AuditEntry } from '../audit/index.ts';
import { GantryError, limits, type ConnectionId, type TenantId } from '../kernel/index.ts';
import {
  advanceWritePlans,
  cancelWrites,
  countWrites,
  endWritesTo,
  moveWritePlan,
  plansOpenAt,
  releaseWrites,
  wantWriteTurn,
  type Tx,
  type WriteCount,
  type WritePlanRow,
  type WriteTurnKey,
} from '../store/index.ts';
import { gantry, planEntry } from './entries.ts';
import { grouped } from './grouped.ts';
import { contentOf } from './plan-row.ts';
import { isEnded, nextPlanState, type PlanEvent, type PlanState } from './plan-state.ts';
import { fillResults } from './steps/fill-results.ts';
import { beginTakeBack, followTakeBack } from './take-back/follow-take-back.ts';
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
 * anything of it failed, in which case what was written is taken back where the
 * plan says so; and a plan ends with its last write. Adds to `entries`.
 */
export const followPlans = (
  tx: Tx,
  tenant: TenantId,
  rows: readonly WritePlanRow[],
  entries: AuditEntry[],
): Promise<void> => follow(tx, tenant, rows, { entries, known: new Map(), connection: null });

interface Followed {
  readonly entries: AuditEntry[];
  /** Writes of plans of which all are known, by plan. */
  readonly known: ReadonlyMap<string, readonly WriteCount[]>;
  /** What was just sent to; null: nothing was. */
  readonly connection: ConnectionId | null;
}

/** The same after a sending, without counting what is known: large plans go in many, and nearly all leave them open. */
export const followSent = (
  tx: Tx,
  { tenant, connection }: WriteTurnKey,
  rows: readonly WritePlanRow[],
  { entries, sent }: { readonly entries: AuditEntry[]; readonly sent: readonly EndedWrite[] },
): Promise<void> => follow(tx, tenant, rows, { entries, known: wholePlans(rows, sent), connection });

/** A write of a sending, as it is now. */
export interface EndedWrite {
  readonly plan: string;
  readonly step: number;
  readonly state: string;
}

/** Pure: counts of those plans of which every write is among these. */
function wholePlans(
  rows: readonly WritePlanRow[],
  sent: readonly EndedWrite[],
): ReadonlyMap<string, readonly WriteCount[]> {
  const known = new Map<string, readonly WriteCount[]>();
  const own = grouped(sent, ({ plan }) => plan);
  // One that is stopped takes back what waits, and one that is taken back has more writes than it was planned with.
  for (const { id, records, state } of rows) {
    const writes = own.get(id) ?? [];
    if (writes.length !== records || (state !== 'queued' && state !== 'running')) continue;
    known.set(
      id,
      writes.map((each) => ({ ...each, count: 1 })),
    );
  }
  return known;
}

async function follow(
  tx: Tx,
  tenant: TenantId,
  rows: readonly WritePlanRow[],
  { entries, known, connection }: Followed,
): Promise<void> {
  const under = rows.filter(({ state }) => ['queued', 'running', 'stopping', 'taking_back'].includes(state));
  if (under.length === 0) return;
  const stopping = under.filter(({ state }) => state === 'stopping').map(({ id }) => id);
  if (stopping.length > 0) await cancelPlanned(tx, tenant, stopping, { code: 'withdrawn' });
  const asked = under.filter(({ id }) => !known.has(id));
  const waiting = connection === null ? new Set() : await stillOpen(tx, { tenant, connection }, asked);
  const counted = asked.map(({ id }) => id).filter((id) => !waiting.has(id));
  const own = grouped(counted.length === 0 ? [] : await countWrites(tx, tenant, counted), ({ plan }) => plan);
  const ending: Ending[] = [];
  for (const row of under) {
    if (waiting.has(row.id)) continue;
    const counts = known.get(row.id) ?? own.get(row.id) ?? [];
    const ended = await followPlan(tx, tenant, row, { counts, entries });
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

/** Plans that wait for writes to the connection: nothing follows for them yet. */
async function stillOpen(tx: Tx, key: WriteTurnKey, rows: readonly WritePlanRow[]): Promise<ReadonlySet<string>> {
  const ids = rows.flatMap(({ id, state }) => (state === 'taking_back' ? [] : [id]));
  return new Set(ids.length === 0 ? [] : await plansOpenAt(tx, key, ids));
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
  if (row.state === 'taking_back') return followTakingBack(tx, tenant, row, { counts, entries });
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
  const failed = failedStep(counts);
  const isWritten = counts.some(({ state }) => state === 'succeeded');
  if (failed !== null && isWritten && contentOf(row).onFailure === 'take_back') {
    const moved = await movePlan(tx, tenant, row, 'turned_back', { reason: `Step ${String(failed)} did not succeed.` });
    if (moved !== null) {
      await beginTakeBack(tx, tenant, moved, { failed, entries });
      return followTakingBack(tx, tenant, moved, { counts, entries });
    }
  }
  const state = nextPlanState(row.state as PlanState, 'ended');
  if (state === null) return null;
  return { row, state, counts: next.kind === 'end' ? counts : await countWrites(tx, tenant, [row.id]) };
}

async function followTakingBack(
  tx: Tx,
  tenant: TenantId,
  row: WritePlanRow,
  about: { readonly counts: readonly WriteCount[]; readonly entries: AuditEntry[] },
): Promise<Ending | null> {
  const back = await followTakeBack(tx, tenant, row, about);
  if (back === 'open') return null;
  const state = nextPlanState('taking_back', back === 'all' ? 'ended' : 'left');
  return state === null ? null : { row, state, counts: await countWrites(tx, tenant, [row.id]) };
}

/** Pure: the first step that ended without wholly succeeding; null: none did. */
const failedStep = (counts: readonly Pick<WriteCount, 'step' | 'state'>[]): number | null =>
  counts.reduce<number | null>(
    (first, { step, state }) => (state === 'succeeded' ? first : Math.min(step, first ?? step)),
    null,
  );

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
