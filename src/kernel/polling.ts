import type { Clock } from './clock.ts';

/** What a round of a worker may use. */
export interface Round {
  /** Aborted when the worker is to stop. */
  readonly signal: AbortSignal;
  /** Another round at once, also while one is under way: what came meanwhile is not left until the next poll. */
  readonly wake: () => void;
}

export interface PollingOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** A round comes so often at the least: whatever wakes up may be lost. */
  readonly everyMs: number;
  /** Looks what is to be done and begins it; what it began may go on beside later rounds. */
  readonly round: (round: Round) => Promise<void>;
  /** A round that failed is told of, and the next one comes all the same. */
  readonly onFailed: (cause: unknown) => void;
  /** Hears of what is to be done, until after the last round; returns the way to stop. Rounds do not wait until it does. */
  readonly listen?: (round: Round) => Promise<() => Promise<void>>;
}

export interface Polling {
  readonly wake: () => void;
  /** Waits for the round under way, not for what rounds began. */
  stop(): Promise<void>;
}

/** The loop of a worker: rounds, one after the other, each at once when something wakes it, else after a while. */
export function startPolling({ clock, everyMs, round, onFailed, listen }: PollingOptions): Polling {
  const stopping = new AbortController();
  let woken = false;
  let endRest: () => void = () => undefined;
  const wake = (): void => {
    woken = true;
    endRest();
  };
  const each: Round = { signal: stopping.signal, wake };

  const rest = async (): Promise<void> => {
    if (woken || stopping.signal.aborted) return;
    const resting = new AbortController();
    endRest = () => resting.abort(new Error('woken'));
    await clock.sleep(everyMs, resting.signal).catch(() => undefined);
  };

  const loop = async (): Promise<void> => {
    // What came before it heard anything is looked for once it does.
    const listening = listen?.(each)
      .finally(wake)
      .catch((cause: unknown): null => {
        onFailed(cause);
        return null;
      });
    while (!stopping.signal.aborted) {
      woken = false;
      try {
        await round(each);
      } catch (cause) {
        onFailed(cause);
      }
      await rest();
    }
    const leave = await listening;
    await leave?.().catch(onFailed);
  };
  const looping = loop();

  return {
    wake,
    stop: async () => {
      stopping.abort(new Error('the worker stops'));
      wake();
      await looping;
    },
  };
}
