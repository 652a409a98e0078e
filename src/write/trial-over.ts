import type { TrialEnd } from '../policy/index.ts';
import type { QueuedWrite } from '../store/index.ts';
import { isPersonsUndo } from './persons-undo.ts';
import type { PlannedWrite } from './types.ts';

/** Trials of the agents whose writes are about to be sent, by agent; those that are not on trial are left out. */
export type Trials = ReadonlyMap<string, TrialEnd>;

/**
 * Why a write is not sent any more: its agent's trial is over by `now`, the database's time, however early it was
 * committed and agreed to. What people take back is no part of a trial, nor what a plan takes back where a step failed.
 */
export function trialOver(
  trials: Trials,
  { agent, intent }: Pick<QueuedWrite, 'agent' | 'intent'>,
  { write, now }: { readonly write: Pick<PlannedWrite, 'undoFor' | 'takesBack'>; readonly now: Date },
): string | null {
  const trial = trials.get(agent);
  if (trial === undefined || now < trial.endsAt) return null;
  return write.takesBack !== undefined || isPersonsUndo(intent, write) ? null : trial.why;
}
