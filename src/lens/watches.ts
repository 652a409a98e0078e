import { limits, type TenantId } from '../kernel/index.ts';

/** Tenants that were read lately, and when to look for their changes. Times are monotonic milliseconds. */
export interface Watches {
  has(tenant: TenantId): boolean;
  /**
   * Notes a read. True when the tenant was not watched. One that is read is
   * looked at within a second: a look each read at most, and no more than one
   * a second. Beyond the bound the one that was read least lately is not
   * watched any more.
   */
  touch(tenant: TenantId, nowMs: number): boolean;
  /** Those to look at now. Those that nobody read for long are let go. */
  due(nowMs: number): TenantId[];
  /** A look begins: the tenant is not due until it ended. */
  begin(tenant: TenantId): void;
  /** The pause until the next look is short after one that found something, else it grows. */
  end(tenant: TenantId, nowMs: number, found: boolean): void;
}

interface Watch {
  untilMs: number;
  lookAtMs: number;
  pauseMs: number;
  busy: boolean;
}

export function createWatches(max: number): Watches {
  // In the order of their last reads, the least recent first.
  const watches = new Map<TenantId, Watch>();
  return {
    has: (tenant) => watches.has(tenant),
    touch(tenant, nowMs) {
      const present = watches.get(tenant);
      const soon = nowMs + limits.tailPollMs;
      const watch = present ?? { untilMs: 0, lookAtMs: soon, pauseMs: limits.tailPollMs, busy: false };
      watch.untilMs = nowMs + limits.lensIdleCloseMs;
      watch.lookAtMs = Math.min(watch.lookAtMs, nowMs + limits.tailReadPollMs);
      watches.delete(tenant);
      watches.set(tenant, watch);
      const [oldest] = watches.keys();
      if (oldest !== undefined && watches.size > max) watches.delete(oldest);
      return present === undefined;
    },
    due(nowMs) {
      for (const [tenant, { untilMs }] of watches) if (untilMs < nowMs) watches.delete(tenant);
      return [...watches].flatMap(([tenant, { lookAtMs, busy }]) => (lookAtMs <= nowMs && !busy ? [tenant] : []));
    },
    begin(tenant) {
      const watch = watches.get(tenant);
      if (watch !== undefined) watch.busy = true;
    },
    end(tenant, nowMs, found) {
      const watch = watches.get(tenant);
      if (watch === undefined) return;
      watch.busy = false;
      watch.pauseMs = found ? limits.tailPollMs : Math.min(watch.pauseMs * 2, limits.tailPollMaxMs);
      watch.lookAtMs = nowMs + watch.pauseMs;
    },
  };
}
