import { abortTogether } from '../kernel/index.ts';

/** The first of: the result, the end of the time (undefined), or the abort (rejects with its reason). Leaves no timer behind. */
export async function abortable<Result>(
  result: Promise<Result>,
  wait: { readonly ms: number; readonly signal: AbortSignal },
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
): Promise<Result | undefined> {
  wait.signal.throwIfAborted();
  const done = new AbortController();
  const leave = abortTogether(done, [wait.signal]);
  const time = sleep(wait.ms, done.signal).catch(() => undefined);
  try {
    const first = await Promise.race([result, time.then(() => undefined)]);
    if (first === undefined) wait.signal.throwIfAborted();
    return first;
  } finally {
    leave();
    done.abort(new Error('no longer waited for'));
  }
}
