import type { Clock } from '../../kernel/index.ts';

/**
 * Answers that change seldom and cost many calls, kept for some minutes per
 * session: schemas are looked at before every run of every stream. A failure
 * is not kept.
 */
export function remembered<T>(clock: Clock, ttlMs: number): (key: string, ask: () => Promise<T>) => Promise<T> {
  const known = new Map<string, { readonly answer: Promise<T>; readonly untilMs: number }>();
  return (key, ask) => {
    const entry = known.get(key);
    if (entry !== undefined && entry.untilMs > clock.monotonicMs()) return entry.answer;
    const answer = ask();
    known.set(key, { answer, untilMs: clock.monotonicMs() + ttlMs });
    answer.catch(() => known.delete(key));
    return answer;
  };
}
