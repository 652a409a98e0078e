import { limits } from '../../kernel/index.ts';

/** How often rights of a connection are read again. */
export interface AccessIntervals {
  /** A turn of the connection, with its standings, shares and own lists. */
  readonly refreshMs: number;
  /** Facts of the account: with each second turn. */
  readonly factsMs: number;
  /** The list of all shares: with each second turn, too; of those in doubt with the next one. */
  readonly listMs: number;
  readonly doubtedListMs: number;
}

/**
 * Pure. Two turns and what a turn takes fit into the bound, so that what is
 * known is read again before it is too old, and no question has to wait for it.
 * More often than usual where the bound is smaller than usual, and never less.
 */
export function intervalsFor(maxAgeMs: number): AccessIntervals {
  const share = limits.accessRefreshMs / limits.accessMaxAgeMs;
  const refreshMs = Math.min(limits.accessRefreshMs, Math.floor(maxAgeMs * share));
  const scaled = (usualMs: number): number => Math.floor((refreshMs * usualMs) / limits.accessRefreshMs);
  return {
    refreshMs,
    factsMs: scaled(limits.accessFactsMs),
    listMs: scaled(limits.accessListMs),
    doubtedListMs: scaled(limits.accessDoubtedListMs),
  };
}
