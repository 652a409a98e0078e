import { setMaxListeners } from 'node:events';

/** Work that nobody waits for, until the process stops. */
export interface BackgroundWork {
  readonly signal: AbortSignal;
  run(work: () => Promise<void>): void;
  /** Ends waits, then waits for what is under way. */
  stop(): Promise<void>;
}

export function backgroundWork(onError: (cause: unknown) => void): BackgroundWork {
  const stopping = new AbortController();
  // Each wait of each call listens; all of them stop listening when they end.
  setMaxListeners(0, stopping.signal);
  const running = new Set<Promise<void>>();
  return {
    signal: stopping.signal,
    run: (work) => {
      const one = work()
        .catch((cause: unknown) => {
          if (!stopping.signal.aborted) onError(cause);
        })
        .finally(() => running.delete(one));
      running.add(one);
    },
    stop: async () => {
      stopping.abort(new Error('the process stops'));
      await Promise.all(running);
    },
  };
}
