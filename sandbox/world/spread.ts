import { permutation, type Permutation } from './permutation.ts';

/** Which account a child record belongs to, and its place among that account's children. */
export interface Place {
  readonly account: number;
  /** 0 for the account's first child of this kind; says nothing about time. */
  readonly ordinal: number;
}

/**
 * The children of one kind divided among the accounts: a few accounts have
 * many, most have few. Both directions are computed, none is stored.
 */
export interface Spread {
  placeOf(child: number): Place;
  countOf(account: number): number;
  /** The account's child with this ordinal, below countOf(account). */
  childAt(account: number, ordinal: number): number;
}

export interface SpreadOptions {
  readonly children: number;
  readonly accounts: number;
  /** Smaller is more unequal: an account at the top has about 1/skew times the mean. */
  readonly skew: number;
  /** Every account gets one child before the rest is divided. */
  readonly oneEach: boolean;
  /** at(rank) is the account with that rank; rank 0 is the busiest. */
  readonly ranks: Permutation;
  readonly key: number;
}

/**
 * Children are shuffled into slots, and the slots lie in order of the accounts'
 * ranks. With u a slot's share of all slots, x = skew*u / (1 + skew - u) is its
 * account's share of all ranks: a density proportional to 1/(x + skew)^2, whose
 * inverse needs only the four basic operations, so every machine agrees.
 */
export function spread(options: SpreadOptions): Spread {
  const { children, accounts, skew, ranks, key } = options;
  const slots = permutation(children, key);
  const reserved = options.oneEach ? Math.min(accounts, children) : 0;
  const shared = children - reserved;

  const rankOfShared = (slot: number): number => {
    const u = (slot + 0.5) / shared;
    return Math.min(accounts - 1, Math.floor((accounts * skew * u) / (1 + skew - u)));
  };
  /** The first shared slot of a rank, or of the first rank after it that has any. */
  const firstShared = (rank: number): number => {
    if (rank <= 0) return 0;
    if (rank >= accounts) return shared;
    const x = rank / accounts;
    let slot = Math.min(shared, Math.max(0, Math.ceil(((x * (1 + skew)) / (skew + x)) * shared - 0.5)));
    // The estimate can be one off by rounding; the forward direction decides.
    while (slot > 0 && rankOfShared(slot - 1) >= rank) slot -= 1;
    while (slot < shared && rankOfShared(slot) < rank) slot += 1;
    return slot;
  };
  const ownReserved = (rank: number): number => (rank < reserved ? 1 : 0);

  return {
    placeOf(child) {
      const slot = slots.at(child);
      if (slot < reserved) return { account: ranks.at(slot), ordinal: 0 };
      const rank = rankOfShared(slot - reserved);
      return { account: ranks.at(rank), ordinal: slot - reserved - firstShared(rank) + ownReserved(rank) };
    },
    countOf(account) {
      const rank = ranks.indexOf(account);
      return firstShared(rank + 1) - firstShared(rank) + ownReserved(rank);
    },
    childAt(account, ordinal) {
      const rank = ranks.indexOf(account);
      const own = ownReserved(rank);
      return slots.indexOf(ordinal < own ? rank : reserved + firstShared(rank) + ordinal - own);
    },
  };
}
