/** Waits for all of them, so that nothing goes on behind whoever asked; raises what the first that failed raised. */
export async function allEnded(works: readonly Promise<unknown>[]): Promise<void> {
  for (const end of await Promise.allSettled(works)) if (end.status === 'rejected') throw end.reason;
}
