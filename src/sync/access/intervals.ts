import { limits } from '../../kernel/index.ts';

/** How often rights of a connection are read again. */
export interface AccessIntervals {
  /** A turn of the connection, with its standings, shares and own lists. */
  readonly refreshMs: number;
  /** Facts of the account: with each second turn. */
  readonly factsMs: number;
}

/**
 * Pure. Two turns and what a turn takes fit into the bound, so that what is
 * known is read again before it is too old, and no question has to wait for it.
 * More often than usual where the bound is smaller than usual, and never less.
 */
export function intervalsFor(maxAgeMs: number): AccessIntervals {
  const share = limits.accessRefreshMs / limits.accessMaxAgeMs;
  const refreshMs = Math.min(limits.accessRefreshMs, Math.floor(maxAgeMs * share));
  return { refreshMs, factsMs: Math.floor((refreshMs * limits.accessFactsMs) / limits.accessRefreshMs) };
}
