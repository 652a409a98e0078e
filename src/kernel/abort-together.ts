/**
 * Aborts `ending` as soon as one of `others` is, with its reason. What comes
 * back ends that; call it when the work is over, so that signals that live as
 * long as the process keep nothing of it.
 *
 * Used instead of `AbortSignal.any`, which holds its sources weakly: Node 20
 * loses a time limit among them when memory is collected meanwhile
 * (nodejs/node#57736), newer ones any source (#65995), and a source that stays
 * remembers every signal ever made from it (#54614).
 */
export function abortTogether(ending: AbortController, others: readonly (AbortSignal | undefined)[]): () => void {
  const ends: (() => void)[] = [];
  for (const other of others) {
    if (other === undefined) continue;
    const onAbort = (): void => ending.abort(other.reason);
    if (other.aborted) onAbort();
    other.addEventListener('abort', onAbort, { once: true });
    ends.push(() => other.removeEventListener('abort', onAbort));
  }
  return () => {
    for (const end of ends) end();
  };
}
