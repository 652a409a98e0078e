/** Runs once per test run, before any suite. */
export async function setup(): Promise<() => Promise<void>> {
  return async () => {};
}
