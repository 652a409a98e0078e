import { abortTogether } from './abort-together.ts';

/** Stops the time until what comes back is called: waiting for one's own turn is nobody's slowness. */
export type Pause = () => () => void;

/**
 * Runs `work` with a signal that fires with a `TimeoutError` after `ms`, or
 * with the reason of `other` as soon as that one fires. The time ends with the
 * work, so `work` includes reading the answer.
 */
export async function withinTime<Result>(
  ms: number,
  other: AbortSignal | undefined,
  work: (signal: AbortSignal, pause: Pause) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const leave = abortTogether(ending, [other]);
  const end = (): void => ending.abort(new DOMException('the time for this is over', 'TimeoutError'));
  let leftMs = ms;
  let sinceMs = performance.now();
  let timer = setTimeout(end, leftMs);
  const pause: Pause = () => {
    clearTimeout(timer);
    leftMs = Math.max(0, leftMs - (performance.now() - sinceMs));
    return () => {
      sinceMs = performance.now();
      clearTimeout(timer);
      timer = setTimeout(end, leftMs);
    };
  };
  try {
    return await work(ending.signal, pause);
  } finally {
    clearTimeout(timer);
    leave();
  }
}
