import type { WriteCount } from '../../store/index.ts';
import type { Remain, TakeBack } from '../take-back/remain.ts';
import type { TakeBackState } from '../take-back/take-back-state.ts';
import { takeBackText } from '../take-back/words.ts';
import type { PlanStepInfo } from '../types.ts';
import { isUnsettled, type WriteState } from '../write-state.ts';

/**
 * - waiting: the steps before it have not succeeded yet
 * - running: something of it may still take effect, or a person has to look
 * - done: all of it succeeded, and the next step begins
 * - failed: it ended, and not all of it succeeded: no later step begins
 * - not_begun: nothing of it was sent, and nothing will be
 */
export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'not_begun';

type Count = Pick<WriteCount, 'step' | 'state' | 'count'>;

/** Pure: how far a step is, from the states of its writes. One without writes is done: there was nothing to do. */
export function stepState(counts: readonly Pick<Count, 'state'>[]): StepState {
  const all = (...states: readonly WriteState[]): boolean =>
    counts.every(({ state }) => states.some((each) => each === state));
  if (all('succeeded')) return 'done';
  if (all('planned')) return 'waiting';
  if (all('cancelled', 'expired')) return 'not_begun';
  return counts.some(({ state }) => isUnsettled(state as WriteState)) ? 'running' : 'failed';
}

export interface StepStatus {
  readonly step: number;
  readonly title: string;
  readonly state: StepState;
  readonly counts: Readonly<Record<string, number>>;
  /** How far taking back what it wrote is; absent: nobody does. */
  readonly take_back?: { readonly state: TakeBackState; readonly remains?: readonly Remain[] };
}

export const stepStatuses = (
  steps: readonly PlanStepInfo[],
  counts: readonly Count[],
  takeBacks: readonly TakeBack[],
): readonly StepStatus[] =>
  steps.map(({ title }, step) => {
    const back = takeBacks.find((each) => each.step === step);
    const own = counts.filter((each) => each.step === step);
    return {
      step,
      title,
      state: stepState(own),
      counts: Object.fromEntries(own.map(({ state, count }) => [state, count])),
      ...(back === undefined ? {} : { take_back: takeBackStatus(back) }),
    };
  });

const takeBackStatus = ({ state, remains }: TakeBack): NonNullable<StepStatus['take_back']> =>
  remains.length === 0 ? { state } : { state, remains };

/** What a failed step means for the others; empty where none failed. */
export function stepsText(steps: readonly StepStatus[], takeBacks: readonly TakeBack[]): string {
  const failed = steps.find(({ state }) => state === 'failed');
  if (failed === undefined) return '';
  const later = steps.some(({ state }) => state === 'not_begun') ? ' The steps after it are not begun.' : '';
  if (takeBacks.length > 0) return ` Step ${String(failed.step)} did not succeed.${later} ${takeBackText(takeBacks)}`;
  const written = steps.some(({ counts }) => (counts['succeeded'] ?? 0) > 0);
  const undo = written ? ' `undo` takes back what was written.' : '';
  return ` Step ${String(failed.step)} did not succeed.${later}${undo}`;
}
