import { companyProfile, type CompanyId, type CompanyProfile } from './companies/company.ts';
import { accountFacts, type AccountFacts } from './account-facts.ts';
import { contactOfEndUser, countsFor, endUserOfContact } from './counts.ts';
import { streamKey } from './hash.ts';
import { permutation, type Permutation } from './permutation.ts';
import { spread, type Place, type Spread } from './spread.ts';
import { stamps, type Stamps } from './stamps.ts';
import type { WorldChildKind, WorldCounts, WorldKind } from './types.ts';

/**
 * Records that one mass update touched, by kind. Time-based exports cannot get
 * past a thousand records of one second, so accounts stay below that.
 */
const MASS_UPDATE: Readonly<Record<WorldKind, number>> = {
  users: 0,
  accounts: 900,
  contacts: 2_500,
  opportunities: 2_500,
  meetings: 2_500,
  tickets: 2_500,
};

/** What the generators of all kinds share: counts, stamps, who belongs to whom. A few dozen numbers in all. */
export interface Frame {
  readonly company: CompanyProfile;
  readonly anchorMs: number;
  readonly counts: WorldCounts;
  readonly stamps: Readonly<Record<WorldKind, Stamps>>;
  /** Keys for draws, one stream per kind. */
  readonly keys: Readonly<Record<WorldKind, number>>;
  /** Shuffles accounts over the invented company names. */
  readonly names: Permutation;
  readonly facts: (account: number) => AccountFacts;
  readonly accountOfRank: (rank: number) => number;
  readonly children: Readonly<Record<WorldChildKind, Spread>>;
  /** Contacts of an account who write to support, as ordinals of end users. */
  readonly endUsers: Spread;
}

export function createFrame(id: CompanyId, seed: number, scale: number, anchor: Date): Frame {
  const company = companyProfile(id);
  const counts = countsFor(scale);
  const anchorMs = anchor.getTime();
  if (Number.isNaN(anchorMs)) throw new Error('anchor is not a date');
  const key = (stream: string): number => streamKey(seed, company.streams + stream);
  const { accounts } = counts;
  const ranks = permutation(accounts, key('ranks'));
  const divide = (stream: string, children: number, skew: number, oneEach = false): Spread =>
    spread({ children, accounts, skew, oneEach, ranks, key: key(stream) });

  const keys = forEachKind((kind) => key(kind));
  const endUsers = divide('end users', counts.endUsers, 0.3, true);
  const otherContacts = divide('other contacts', counts.contacts - counts.endUsers, 0.5);
  return {
    company,
    anchorMs,
    counts,
    keys,
    stamps: forEachKind((kind) => stamps(counts[kind], anchorMs, key(`stamps of ${kind}`), MASS_UPDATE[kind])),
    names: permutation(accounts, key('names')),
    facts: (account) => accountFacts(account, accounts, ranks, keys.accounts, company.countries),
    accountOfRank: (rank) => ranks.at(rank),
    endUsers,
    children: {
      contacts: interleave(endUsers, otherContacts),
      opportunities: divide('opportunities of accounts', counts.opportunities, 0.3),
      meetings: divide('meetings of accounts', counts.meetings, 0.3),
      tickets: divide('tickets of accounts', counts.tickets, 0.06),
    },
  };
}

function forEachKind<T>(make: (kind: WorldKind) => T): Record<WorldKind, T> {
  return {
    users: make('users'),
    accounts: make('accounts'),
    contacts: make('contacts'),
    opportunities: make('opportunities'),
    meetings: make('meetings'),
    tickets: make('tickets'),
  };
}

/** Contacts are end users and others in turn; an account's end users have the lower ordinals. */
function interleave(endUsers: Spread, others: Spread): Spread {
  const placeOf = (contact: number): Place => {
    const endUser = endUserOfContact(contact);
    if (endUser !== null) return endUsers.placeOf(endUser);
    const place = others.placeOf(Math.floor(contact / 3));
    return { account: place.account, ordinal: endUsers.countOf(place.account) + place.ordinal };
  };
  return {
    placeOf,
    countOf: (account) => endUsers.countOf(account) + others.countOf(account),
    childAt: (account, ordinal) => {
      const first = endUsers.countOf(account);
      return ordinal < first
        ? contactOfEndUser(endUsers.childAt(account, ordinal))
        : 3 * others.childAt(account, ordinal - first) + 2;
    },
  };
}
