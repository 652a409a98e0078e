/**
 * Time and chance are passed in, so that tests decide them. Nothing outside
 * this file calls `Date.now()`, `new Date()` without arguments, or
 * `Math.random()` (test/tidy.test.ts holds this).
 *
 * Leases, expiry and SLAs do not use this clock but the database's, read once
 * per transaction (store/db.ts): two machines never agree on theirs.
 */
export interface Clock {
  /** Wall-clock time, for log lines and upstream read times. */
  now(): Date;
  /** Milliseconds from an arbitrary start that never go backwards, for durations. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(abortReason(signal));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}

/** Bytes nobody can guess; injected where tokens, nonces and jitter are made. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1). */
  fraction(): number;
}
