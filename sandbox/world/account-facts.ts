import { below, between, chance, pick, roll } from './hash.ts';
import type { Permutation } from './permutation.ts';
import type { WorldAccount } from './types.ts';

/**
 * What other records need to know about an account: cheap to compute, so that
 * a ticket or an opportunity can stay true to its account without building it.
 */
export interface AccountFacts {
  /** 0 is the busiest account; all kinds of children are divided by it. */
  readonly rank: number;
  readonly country: WorldAccount['country'];
  readonly segment: WorldAccount['segment'];
  readonly status: WorldAccount['status'];
  /** The account's first opportunity is a renewal that is still open. */
  readonly renewalDue: boolean;
  /** `lapsed`: no QBR since `lapsedDays` before the anchor, but at least one before that. */
  readonly reviews: 'regular' | 'lapsed' | 'none';
  readonly lapsedDays: number;
}

/** These busy accounts are overdue for a review and up for renewal in every world, however small. */
const NEGLECTED_RANKS: ReadonlySet<number> = new Set([2, 5, 11]);

export function accountFacts(
  index: number,
  accounts: number,
  ranks: Permutation,
  key: number,
  countries: readonly WorldAccount['country'][],
): AccountFacts {
  const rank = ranks.indexOf(index);
  const heat = rank / accounts;
  const neglected = NEGLECTED_RANKS.has(rank);
  const status = neglected ? 'Aktiv' : statusOf(heat, roll(key, index, 1));
  const customer = status === 'Aktiv' || status === 'Gefährdet';
  return {
    rank,
    country: pick(countries, roll(key, index, 0)),
    segment: segmentOf(heat, roll(key, index, 2)),
    status,
    renewalDue: neglected || (customer && chance(roll(key, index, 3), 40)),
    reviews: neglected ? 'lapsed' : reviewsOf(status, roll(key, index, 4)),
    lapsedDays: between(roll(key, index, 5), 105, 640),
  };
}

function statusOf(heat: number, bits: number): WorldAccount['status'] {
  const percent = below(bits, 100);
  // Prospects have little traffic yet.
  if (heat > 0.6 && percent < 35) return 'Interessent';
  if (percent >= 91) return 'Gekündigt';
  if (percent >= 81) return 'Gefährdet';
  return 'Aktiv';
}

function segmentOf(heat: number, bits: number): WorldAccount['segment'] {
  const percent = below(bits, 100);
  if (percent < (heat < 0.15 ? 45 : 6)) return 'Enterprise';
  return percent < (heat < 0.15 ? 90 : 50) ? 'Mittelstand' : 'Kleinunternehmen';
}

function reviewsOf(status: WorldAccount['status'], bits: number): AccountFacts['reviews'] {
  if (status === 'Interessent') return 'none';
  const percent = below(bits, 100);
  if (percent < 40) return 'lapsed';
  return percent < 70 ? 'regular' : 'none';
}
