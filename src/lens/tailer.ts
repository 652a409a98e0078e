import { limits, type Clock, type TenantId } from '../kernel/index.ts';
import type { LensEvent } from './events.ts';
import type { LensFeed } from './feed.ts';
import type { Tail } from './tail.ts';

/**
 * Decides when each tenant's changes are fetched: at once when the store says
 * that there are some, and, since that is only a hint, from time to time while
 * the tenant is being read.
 */
export interface Tailer {
  /** Notes a read. True when nobody had been looking for this tenant's changes. */
  touch(tenant: TenantId): boolean;
  wake(tenant: TenantId): void;
  close(): Promise<void>;
}

export interface TailerParts {
  readonly clock: Clock;
  readonly feed: LensFeed;
  readonly emit: (event: LensEvent) => void;
  readonly tailOf: (tenant: TenantId) => Tail;
}

/** A tenant that was read lately. Times are monotonic milliseconds. */
interface Watch {
  untilMs: number;
  lookAtMs: number;
  pauseMs: number;
  busy: boolean;
}

export function createTailer({ clock, feed, emit, tailOf }: TailerParts): Tailer {
  const watches = new Map<TenantId, Watch>();
  const working = new Set<Promise<void>>();
  const stop = new AbortController();

  function look(tenant: TenantId): void {
    if (stop.signal.aborted) return;
    const watch = watches.get(tenant);
    if (watch !== undefined) watch.busy = true;
    const work = lookOnce(tenant, watch).finally(() => working.delete(work));
    working.add(work);
  }

  async function lookOnce(tenant: TenantId, watch: Watch | undefined): Promise<void> {
    const found = await fetchChanges(tenant);
    if (watch === undefined) return;
    watch.busy = false;
    watch.pauseMs = found ? limits.tailPollMs : Math.min(watch.pauseMs * 2, limits.tailPollMaxMs);
    watch.lookAtMs = clock.monotonicMs() + watch.pauseMs;
  }

  async function fetchChanges(tenant: TenantId): Promise<boolean> {
    try {
      return (await tailOf(tenant).refresh()) > 0;
    } catch (error) {
      if (!stop.signal.aborted) emit({ kind: 'lens_tail_failed', tenant, error });
      return false;
    }
  }

  async function lookAround(): Promise<void> {
    while (!stop.signal.aborted) {
      const now = clock.monotonicMs();
      for (const [tenant, watch] of watches) {
        if (watch.untilMs < now) watches.delete(tenant);
        else if (watch.lookAtMs <= now && !watch.busy) look(tenant);
      }
      await clock.sleep(limits.tailPollMs, stop.signal).catch(() => undefined);
    }
  }

  // Without the hints the lens is later, not wrong.
  const hints = feed.onWake(look).catch(() => async () => undefined);
  const round = lookAround();

  return {
    touch(tenant) {
      const now = clock.monotonicMs();
      const untilMs = now + limits.lensIdleCloseMs;
      const watch = watches.get(tenant);
      if (watch === undefined) {
        watches.set(tenant, { untilMs, lookAtMs: now + limits.tailPollMs, pauseMs: limits.tailPollMs, busy: false });
        return true;
      }
      watch.untilMs = untilMs;
      if (watch.pauseMs > limits.tailPollMs) {
        watch.pauseMs = limits.tailPollMs;
        watch.lookAtMs = Math.min(watch.lookAtMs, now + limits.tailPollMs);
      }
      return false;
    },
    wake: look,
    async close() {
      stop.abort();
      await (
        await hints
      )();
      await round;
      await Promise.allSettled(working);
    },
  };
}
