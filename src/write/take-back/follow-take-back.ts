import type { AuditEntry } from '../../audit/index.ts';
import { limits, type TenantId } from '../../kernel/index.ts';
import {
  addTakeBacks,
  moveTakeBack,
  readTakeBacks,
  readWriteContents,
  readWriteStates,
  stepsWith,
  wantWriteTurn,
  type Tx,
  type WriteCount,
  type WritePlanRow,
} from '../../store/index.ts';
import { codeText } from '../code-text.ts';
import { gantry, planEntry } from '../entries.ts';
import { writeOf } from '../plan-row.ts';
import { isUnsettled, type WriteState } from '../write-state.ts';
import { remainsJson, takeBackOf, type Remain, type TakeBack } from './remain.ts';
import { isOver, nextTakeBackState, type TakeBackEvent } from './take-back-state.ts';

type Counts = readonly Pick<WriteCount, 'step' | 'state'>[];

/** A step of a locked plan failed: each step of which something was written is to be taken back. Adds to `entries`. */
export async function beginTakeBack(
  tx: Tx,
  tenant: TenantId,
  row: WritePlanRow,
  { failed, entries }: { readonly failed: number; readonly entries: AuditEntry[] },
): Promise<void> {
  const steps = await stepsWith(tx, tenant, row.id, 'succeeded');
  await addTakeBacks(tx, tenant, row.id, { steps, state: 'waiting' });
  const detail = { failed_step: failed, steps: steps.map(({ step }) => step) };
  entries.push(planEntry('take_back_begun', row, { actor: gantry, detail }));
}

/** What follows: it goes on, or how the plan ends. */
export type TakenBack = 'open' | 'all' | 'in_part';

/**
 * What follows for a locked plan that is taken back, after something happened
 * to its writes or to a step: the step before begins when nothing of the later
 * one is open. Adds to `entries`.
 */
export async function followTakeBack(
  tx: Tx,
  tenant: TenantId,
  row: WritePlanRow,
  { counts, entries }: { readonly counts: Counts; readonly entries: AuditEntry[] },
): Promise<TakenBack> {
  const takeBacks = (await readTakeBacks(tx, tenant, row.id)).map(takeBackOf);
  let wasLeft = false;
  for (const each of takeBacks) {
    const state = each.state === 'sending' ? await settleSent(tx, tenant, { row, each, counts, entries }) : each.state;
    if (isOver(state)) {
      wasLeft ||= state === 'left';
      continue;
    }
    if (state === 'waiting') await compareNow(tx, tenant, each, 'came');
    return 'open';
  }
  return wasLeft ? 'in_part' : 'all';
}

/** From now on a turn of the step's connection looks what stands there. */
export async function compareNow(tx: Tx, tenant: TenantId, each: TakeBack, event: 'came' | 'again'): Promise<void> {
  const { plan, step, connection } = each;
  await moveTakeBack(tx, tenant, {
    plan,
    step,
    state: nextTakeBackState(each.state, event),
    writeStep: null,
    remains: [],
    dueAt: tx.now,
    deadlineAt: new Date(tx.now.getTime() + limits.writeDeadlineMs),
  });
  await wantWriteTurn(tx, { tenant, connection }, tx.now);
}

/** A step of a locked plan ends, or waits for a person. Adds to `entries`. */
export async function endStep(
  tx: Tx,
  tenant: TenantId,
  { row, each, event, remains, entries }: StepEnd,
): Promise<TakeBack['state']> {
  const { plan, step, writeStep } = each;
  const state = nextTakeBackState(each.state, event);
  const kept = remainsJson(remains);
  await moveTakeBack(tx, tenant, { plan, step, state, writeStep, remains: kept, dueAt: null, deadlineAt: null });
  const detail = { step, remains: kept };
  entries.push(
    planEntry(state === 'needs_human' ? 'take_back_stuck' : 'step_taken_back', row, { actor: gantry, detail }),
  );
  return state;
}

interface StepEnd {
  readonly row: WritePlanRow;
  readonly each: TakeBack;
  readonly event: Extract<TakeBackEvent, 'bare' | 'stuck' | 'undone' | 'remained'>;
  readonly remains: readonly Remain[];
  readonly entries: AuditEntry[];
}

/** Looks whether the writes that take a step back have ended; the state it is in then. */
async function settleSent(
  tx: Tx,
  tenant: TenantId,
  {
    row,
    each,
    counts,
    entries,
  }: {
    readonly row: WritePlanRow;
    readonly each: TakeBack;
    readonly counts: Counts;
    readonly entries: AuditEntry[];
  },
): Promise<TakeBack['state']> {
  const own = counts.filter(({ step }) => step === each.writeStep);
  if (own.some(({ state }) => isUnsettled(state as WriteState))) return each.state;
  const failed = own.every(({ state }) => state === 'succeeded') ? [] : await failedOf(tx, tenant, each);
  const remains = [...each.remains, ...failed];
  const event = remains.length === 0 ? 'undone' : 'remained';
  return endStep(tx, tenant, { row, each, event, remains, entries });
}

/** What stands there still because the write that was to take it back came to nothing. */
async function failedOf(tx: Tx, tenant: TenantId, { plan, writeStep }: TakeBack): Promise<Remain[]> {
  const states = await readWriteStates(tx, tenant, plan, { from: 0, limit: limits.undoWritesMax * 2, states: null });
  const codes = new Map(states.map(({ item, state, code }) => [item, state === 'succeeded' ? null : (code ?? '')]));
  return (await readWriteContents(tx, tenant, plan)).flatMap(({ content }): Remain[] => {
    const { item, step, slug, object, takesBack } = writeOf(content);
    const code = codes.get(item) ?? null;
    if (step !== writeStep || takesBack === undefined || code === null) return [];
    return [{ items: takesBack.items, code: 'write_failed', why: `${slug} ${object}: ${codeText(code)}` }];
  });
}
