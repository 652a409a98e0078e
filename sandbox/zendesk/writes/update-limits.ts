import type { SandboxClock } from '../../kit/index.ts';

/** A number of calls within a sliding window, by key. */
export interface Window {
  /** Null: within the limit, and counted; else seconds until there is room. */
  take(key: string, limit: number): number | null;
}

export function createWindow(clock: SandboxClock, windowMs: number): Window {
  const taken = new Map<string, readonly number[]>();
  return {
    take: (key, limit) => {
      const now = clock.now().getTime();
      const recent = (taken.get(key) ?? []).filter((at) => at > now - windowMs && at <= now);
      const oldest = recent[0] ?? now;
      if (recent.length >= limit) {
        taken.set(key, recent);
        return Math.max(1, Math.ceil((oldest + windowMs - now) / 1000));
      }
      taken.set(key, [...recent, now]);
      return null;
    },
  };
}

/** Limits of their own of writes to tickets. Source: Zendesk, "Rate limits", endpoint rate limits. */
export interface UpdateLimits {
  /** 30 in ten minutes of one ticket by one agent. */
  readonly ofTicket: Window;
  /** 100 a minute in the whole account. */
  readonly ofAccount: Window;
  /** 400 deletions a minute. */
  readonly deletions: Window;
}

export function createUpdateLimits(clock: SandboxClock): UpdateLimits {
  return {
    ofTicket: createWindow(clock, 600_000),
    ofAccount: createWindow(clock, 60_000),
    deletions: createWindow(clock, 60_000),
  };
}
