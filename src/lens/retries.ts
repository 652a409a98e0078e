import { limits, type Clock, type TenantId } from '../kernel/index.ts';
import type { LensEvent } from './events.ts';
import { translatedError } from './host-errors.ts';

/** Bounds how often one tenant's work is tried while it fails: wakes and reads come in by the hundred. */
export interface Retries {
  /** The error of the last attempt while it is too early for another one; else null. */
  held(): unknown;
  /** Runs an attempt, and reports the first success after failures, and each failure once. */
  run<Result>(attempt: () => Promise<Result>): Promise<Result>;
  /** What failed may be put right: the next attempt need not wait. */
  tryNow(): void;
}

export interface RetryParts {
  readonly clock: Clock;
  readonly emit: (event: LensEvent) => void;
}

interface Failing {
  readonly error: unknown;
  readonly count: number;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export function createRetries({ clock, emit }: RetryParts, tenant: TenantId): Retries {
  let failing: Failing | null = null;

  function failed(error: unknown): void {
    const now = clock.monotonicMs();
    const count = (failing?.count ?? 0) + 1;
    // Twenty doublings are more than any bound here.
    const retryMs = Math.min(limits.lensRetryMs * 2 ** Math.min(count - 1, 20), limits.lensRetryMaxMs);
    failing = { error, count, sinceMs: failing?.sinceMs ?? now, untilMs: now + retryMs };
    emit({ kind: 'lens_tail_failed', tenant, error, retryMs });
  }

  return {
    held: () => (failing !== null && clock.monotonicMs() < failing.untilMs ? failing.error : null),
    async run(attempt) {
      try {
        const result = await attempt();
        if (failing !== null) {
          const { count, sinceMs } = failing;
          failing = null;
          emit({ kind: 'lens_recovered', tenant, failures: count, ms: clock.monotonicMs() - sinceMs });
        }
        return result;
      } catch (thrown) {
        const error = translatedError(thrown);
        failed(error);
        throw error;
      }
    },
    tryNow() {
      if (failing !== null) failing = { ...failing, untilMs: 0 };
    },
  };
}
