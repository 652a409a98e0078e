import type { WriteCount } from '../../store/index.ts';
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
}

export const stepStatuses = (steps: readonly PlanStepInfo[], counts: readonly Count[]): readonly StepStatus[] =>
  steps.map(({ title }, step) => {
    const own = counts.filter((each) => each.step === step);
    return {
      step,
      title,
      state: stepState(own),
      counts: Object.fromEntries(own.map(({ state, count }) => [state, count])),
    };
  });

/** What a failed step means for the others; empty where none failed. */
export function stepsText(steps: readonly StepStatus[]): string {
  const failed = steps.find(({ state }) => state === 'failed');
  if (failed === undefined) return '';
  const later = steps.some(({ state }) => state === 'not_begun') ? ' The steps after it are not begun.' : '';
  const written = steps.some(({ counts }) => (counts['succeeded'] ?? 0) > 0);
  const undo = written ? ' `undo` takes back what was written.' : '';
  return ` Step ${String(failed.step)} did not succeed.${later}${undo}`;
}
