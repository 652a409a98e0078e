import type { SandboxRequest } from './http.ts';

/** Calls that were answered, or lost, before they take effect: a proxy gave up, the provider goes on. */
export interface LateCalls {
  add(request: SandboxRequest, after: number | 'hold'): void;
  /** Runs all that wait now, in the order in which they came; their number. */
  release(): Promise<number>;
  /** Those that still wait never run. */
  close(): void;
}

export function createLateCalls(run: (request: SandboxRequest) => Promise<void>): LateCalls {
  const waiting = new Map<SandboxRequest, NodeJS.Timeout | null>();
  const start = async (request: SandboxRequest): Promise<void> => {
    const timer = waiting.get(request);
    if (timer === undefined) return;
    if (timer !== null) clearTimeout(timer);
    waiting.delete(request);
    await run(request);
  };
  return {
    add: (request, after) => {
      const timer = after === 'hold' ? null : setTimeout(() => void start(request), after);
      timer?.unref();
      waiting.set(request, timer);
    },
    release: async () => {
      const all = [...waiting.keys()];
      for (const request of all) await start(request);
      return all.length;
    },
    close: () => {
      for (const timer of waiting.values()) if (timer !== null) clearTimeout(timer);
      waiting.clear();
    },
  };
}
