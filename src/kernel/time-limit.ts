import { abortTogether } from './abort-together.ts';

/**
 * Runs `work` with a signal that fires with a `TimeoutError` after `ms`, or
 * with the reason of `other` as soon as that one fires. The time ends with the
 * work, so `work` includes reading the answer.
 */
export async function withinTime<Result>(
  ms: number,
  other: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const leave = abortTogether(ending, [other]);
  const timer = setTimeout(() => ending.abort(new DOMException('the time for this is over', 'TimeoutError')), ms);
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    leave();
  }
}
