/**
 * Whether a connection's provider is called, as a full table: every event in
 * every state has an answer, and a missing cell does not compile.
 *
 * - closed: it answers
 * - open: it does not; nobody calls until the pause is over
 * - half_open: one call, of one process, tries it
 */
export type CircuitState = 'closed' | 'open' | 'half_open';

/**
 * - too_many_failures: a process saw so many calls in a row fail
 * - pause_over: somebody wants to call, and may try
 * - trial_answered, trial_failed: what became of the trial
 * - trial_unsent: it was given up before it was sent
 * - trial_lost: its process gave no word for too long, and somebody wants to call
 */
export type CircuitEvent =
  'too_many_failures' | 'pause_over' | 'trial_answered' | 'trial_failed' | 'trial_unsent' | 'trial_lost';

/** `null`: the event cannot happen in that state, or comes from a trial that is no longer the one; nothing changes. */
type Table = Readonly<Record<CircuitState, Readonly<Record<CircuitEvent, CircuitState | null>>>>;

export const circuitTable: Table = {
  closed: {
    too_many_failures: 'open',
    pause_over: null,
    trial_answered: null,
    trial_failed: null,
    trial_unsent: null,
    trial_lost: null,
  },
  open: {
    // Another process found out first: its pause holds.
    too_many_failures: null,
    pause_over: 'half_open',
    trial_answered: null,
    trial_failed: null,
    trial_unsent: null,
    trial_lost: null,
  },
  half_open: {
    // Calls from before the trial: the trial decides.
    too_many_failures: null,
    pause_over: null,
    trial_answered: 'closed',
    trial_failed: 'open',
    trial_unsent: 'open',
    trial_lost: 'half_open',
  },
};
