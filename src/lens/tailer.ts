import { limits, type Clock, type TenantId } from '../kernel/index.ts';
import { createBacklog } from './backlog.ts';
import type { LensEvent } from './events.ts';
import type { LensFeed } from './feed.ts';
import type { Owners } from './owners.ts';
import type { Tail } from './tail.ts';
import { createWatches } from './watches.ts';

/**
 * Decides when each tenant's changes are fetched. While a tenant is being read:
 * at once when the store says that there are some, and, since that is only a
 * hint, from time to time. Otherwise one tenant after the other, so that a read
 * after a long pause finds little to do, and thousands of tenants that sync do
 * not all have their files open. Of those that are read, the least recent ones
 * beyond a bound count as not read: looking for changes costs a query every few
 * seconds each.
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
  readonly owners: Owners;
  /** Tenants that are watched at once. */
  readonly watchesMax: number;
}

export function createTailer({ clock, feed, emit, tailOf, owners, watchesMax }: TailerParts): Tailer {
  const watches = createWatches(watchesMax);
  const working = new Set<Promise<void>>();
  const stop = new AbortController();

  function wake(tenant: TenantId): void {
    if (watches.has(tenant)) look(tenant);
    else backlog?.add(tenant);
  }

  function look(tenant: TenantId): void {
    if (stop.signal.aborted || !owners.holds(tenant)) return;
    watches.begin(tenant);
    const work = lookOnce(tenant).finally(() => working.delete(work));
    working.add(work);
  }

  async function lookOnce(tenant: TenantId): Promise<void> {
    const found = await fetchChanges(tenant);
    watches.end(tenant, clock.monotonicMs(), found);
  }

  async function fetchChanges(tenant: TenantId): Promise<boolean> {
    // The tail reports what fails, and bounds how often it is tried.
    return tailOf(tenant)
      .refresh()
      .then(
        (count) => count > 0,
        () => false,
      );
  }

  async function lookAround(): Promise<void> {
    while (!stop.signal.aborted) {
      for (const tenant of watches.due(clock.monotonicMs())) look(tenant);
      await clock.sleep(limits.tailPollMs, stop.signal).catch(() => undefined);
    }
  }

  // Without the hints the lens is later, not wrong.
  const hints = (owners.mayHold ? feed.onWake(wake) : Promise.resolve(async () => undefined)).catch(
    () => async () => undefined,
  );
  const round = owners.mayHold ? lookAround() : Promise.resolve();
  const backlog = owners.mayHold
    ? createBacklog(
        clock,
        stop.signal,
        async (tenant) => (await owners.of(tenant)) === null && fetchChanges(tenant),
        (tenant, error) => emit({ kind: 'lens_tail_failed', tenant, error, retryMs: limits.lensIdlePauseMs }),
      )
    : null;

  return {
    touch: (tenant) => watches.touch(tenant, clock.monotonicMs()),
    wake,
    async close() {
      stop.abort();
      await (
        await hints
      )();
      await Promise.all([round, backlog?.ended]);
      await Promise.allSettled(working);
    },
  };
}
