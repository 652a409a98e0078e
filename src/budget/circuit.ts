import { limits } from '../kernel/index.ts';
import { circuitTable, type CircuitEvent, type CircuitState } from './circuit-state.ts';

/** A connection's circuit. Times are the database's, ms. */
export interface Circuit {
  readonly state: CircuitState;
  /** Trials that failed since it last answered. */
  readonly failedTrials: number;
  /** Open: nobody calls before. */
  readonly retryAt: number;
  /** Half open: the process that tries, and until when it is believed to be alive. */
  readonly trialBy: string | null;
  readonly trialUntil: number | null;
}

export const closedCircuit: Circuit = {
  state: 'closed',
  failedTrials: 0,
  retryAt: 0,
  trialBy: null,
  trialUntil: null,
};

/** `process`: who brings the event; `spread`, 0 to 1, only ever makes the pause longer. */
export interface CircuitMove {
  readonly event: CircuitEvent;
  readonly now: number;
  readonly process: string;
  readonly spread: number;
}

/** Null: nothing changes. Pure. */
export function moveCircuit(circuit: Circuit, move: CircuitMove): Circuit | null {
  const { event, now, process } = move;
  const to = circuitTable[circuit.state][event];
  if (to === null) return null;
  switch (event) {
    case 'too_many_failures':
      return opened(circuit, move, 0);
    case 'pause_over':
      return circuit.retryAt > now ? null : trying(circuit, move);
    case 'trial_lost':
      return circuit.trialUntil !== null && circuit.trialUntil > now ? null : trying(circuit, move);
    case 'trial_answered':
      return circuit.trialBy === process ? closedCircuit : null;
    case 'trial_failed':
      return circuit.trialBy === process ? opened(circuit, move, circuit.failedTrials + 1) : null;
    case 'trial_unsent':
      // Nothing was learnt: whoever comes next may try.
      return circuit.trialBy === process
        ? { ...circuit, state: 'open', retryAt: now, trialBy: null, trialUntil: null }
        : null;
  }
}

function opened(circuit: Circuit, { now, spread }: CircuitMove, failedTrials: number): Circuit {
  const pause = Math.min(limits.circuitPauseMaxMs, limits.circuitPauseMs * 2 ** Math.min(20, failedTrials));
  const retryAt = now + pause + (spread * pause) / 10;
  return { ...circuit, state: 'open', failedTrials, retryAt, trialBy: null, trialUntil: null };
}

function trying(circuit: Circuit, { now, process }: CircuitMove): Circuit {
  return { ...circuit, state: 'half_open', trialBy: process, trialUntil: now + limits.circuitTrialMs };
}
