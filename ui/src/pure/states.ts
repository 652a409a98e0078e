/** States in words that people use. What is not known is said as it is called. */

const planStates: Readonly<Record<string, string>> = {
  prepared: 'prepared',
  proposed: 'a proposal: a person carries it out',
  awaiting_approval: 'awaiting approval',
  queued: 'to be sent',
  running: 'under way',
  stopping: 'being stopped',
  done: 'ended',
  stopped: 'stopped',
  taking_back: 'a step failed; what was written is being taken back',
  taken_back: 'a step failed; what was written is taken back',
  partly_taken_back: 'a step failed; some of what was written was left',
  refused: 'not allowed',
  rejected: 'rejected',
  expired: 'its time is over',
  withdrawn: 'withdrawn',
};

const writeStates: Readonly<Record<string, string>> = {
  planned: 'not begun',
  queued: 'waiting',
  sending: 'being sent',
  outcome_unknown: 'outcome unknown',
  reconciling: 'outcome being looked up',
  needs_human: 'a person has to look',
  succeeded: 'written',
  failed: 'failed, nothing written',
  cancelled: 'taken back before it was sent',
  expired: 'too late, not sent',
};

const stepStates: Readonly<Record<string, string>> = {
  waiting: 'waits for the steps before it',
  running: 'under way',
  done: 'done',
  failed: 'did not succeed',
  not_begun: 'not begun, and will not be',
};

const takeBackStates: Readonly<Record<string, string>> = {
  waiting: 'to be taken back after the later steps',
  comparing: 'being compared with what stands there now',
  sending: 'being taken back',
  done: 'taken back',
  needs_human: 'not taken back: a person has to look',
  left: 'left as it stands there',
};

const said = (words: Readonly<Record<string, string>>, state: string): string =>
  words[state] ?? state.replaceAll('_', ' ');

export const planStateNames: readonly string[] = Object.keys(planStates);
export const planStateText = (state: string): string => said(planStates, state);
export const writeStateText = (state: string): string => said(writeStates, state);
export const takeBackStateText = (state: string): string => said(takeBackStates, state);
export const stepStateText = (state: string): string => said(stepStates, state);

/** `3 written, 1 waiting` */
export const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${String(count)} ${writeStateText(state)}`)
    .join(', ');

/** What a person may still say about a write in this state. */
export function wordsFor(state: string): readonly ('applied' | 'not_applied' | 'send_again')[] {
  if (state === 'needs_human') return ['applied', 'not_applied', 'send_again'];
  return state === 'failed' ? ['send_again'] : [];
}
