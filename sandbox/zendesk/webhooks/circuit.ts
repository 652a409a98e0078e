import type { SandboxClock } from '../../kit/index.ts';

export const CIRCUIT_STATES = ['closed', 'open', 'probing'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** too_many: errors passed the bound; pause_over: the pause ended; good, bad: how an attempt ended. */
export const CIRCUIT_EVENTS = ['good', 'bad', 'too_many', 'pause_over'] as const;
export type CircuitEvent = (typeof CIRCUIT_EVENTS)[number];

/** Attempts that had begun before the circuit opened still end while it is open, and change nothing. */
export const CIRCUIT_TABLE: Readonly<Record<CircuitState, Readonly<Record<CircuitEvent, CircuitState>>>> = {
  closed: { good: 'closed', bad: 'closed', too_many: 'open', pause_over: 'closed' },
  open: { good: 'open', bad: 'open', too_many: 'open', pause_over: 'probing' },
  probing: { good: 'closed', bad: 'open', too_many: 'open', pause_over: 'probing' },
};

/**
 * Zendesk stops for a while when within five minutes 70 % of a webhook's
 * requests or more than 1,000 of them ended in errors. How few requests are too
 * few for a share, and how long the pause is, no document says.
 */
const WINDOW_MS = 300_000;
const SHARE = 0.7;
const ERRORS_MAX = 1_000;
const REQUESTS_MIN = 100;
const PAUSE_MS = 5_000;

export interface Circuit {
  /** Milliseconds until the next request may leave; 0 lets it. */
  holdMs(): number;
  ended(good: boolean): void;
}

export function createCircuit(clock: SandboxClock): Circuit {
  let state: CircuitState = 'closed';
  let openUntil = 0;
  let from = Number.NEGATIVE_INFINITY;
  let requests = 0;
  let errors = 0;
  const now = (): number => clock.now().getTime();
  const move = (event: CircuitEvent): void => {
    const next = CIRCUIT_TABLE[state][event];
    if (next === 'open' && state !== 'open') openUntil = now() + PAUSE_MS;
    if (next === 'closed' && state !== 'closed') [from, requests, errors] = [now(), 0, 0];
    state = next;
  };
  return {
    holdMs: () => {
      if (state === 'open' && now() >= openUntil) move('pause_over');
      return state === 'open' ? openUntil - now() : 0;
    },
    ended: (good) => {
      if (now() - from >= WINDOW_MS || now() < from) [from, requests, errors] = [now(), 0, 0];
      requests += 1;
      if (!good) errors += 1;
      const many = errors > ERRORS_MAX || (requests >= REQUESTS_MIN && errors >= requests * SHARE);
      move(good ? 'good' : 'bad');
      if (!good && many && state === 'closed') move('too_many');
    },
  };
}
