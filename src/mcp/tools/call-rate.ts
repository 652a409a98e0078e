import { limits, type Clock } from '../../kernel/index.ts';

/** Counts calls per agent. One per process: with several processes the grant's limit holds for each. */
export interface CallRate {
  /** Null where the call may go on, else the moment when the next one may. */
  take(agent: string, callsPerMinute: number | null): Date | null;
}

const MINUTE_MS = 60_000;

/**
 * A bucket per agent that holds `callsPerMinute` calls and fills evenly: a
 * burst of a minute's worth is fine, the average is held.
 */
export function createCallRate(clock: Clock): CallRate {
  const buckets = new Map<string, { calls: number; atMs: number }>();
  return {
    take(agent, callsPerMinute) {
      if (callsPerMinute === null) return null;
      const nowMs = clock.monotonicMs();
      const bucket = buckets.get(agent);
      const filled =
        bucket === undefined ? callsPerMinute : bucket.calls + ((nowMs - bucket.atMs) * callsPerMinute) / MINUTE_MS;
      const calls = Math.min(callsPerMinute, filled);
      // Moved to the end of the map, so that its start is the agent idle for longest.
      buckets.delete(agent);
      const allowed = calls >= 1;
      buckets.set(agent, { calls: allowed ? calls - 1 : calls, atMs: nowMs });
      forgetIdle(buckets);
      if (allowed) return null;
      const waitMs = callsPerMinute > 0 ? Math.ceil(((1 - calls) * MINUTE_MS) / callsPerMinute) : MINUTE_MS;
      return new Date(clock.now().getTime() + waitMs);
    },
  };
}

function forgetIdle(buckets: Map<string, unknown>): void {
  for (const agent of buckets.keys()) {
    if (buckets.size <= limits.rateWindowsMax) return;
    buckets.delete(agent);
  }
}
