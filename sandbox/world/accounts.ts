import { between, chance, mix, pick, roll } from './hash.ts';
import type { AccountFacts } from './account-facts.ts';
import type { Frame } from './frame.ts';
import { namesOf } from './language.ts';
import { DAY_MS } from './stamps.ts';
import type { WorldAccount } from './types.ts';
import { staffOf } from './users.ts';
import { INDUSTRIES, LEGAL_FORMS, MIDDLES, STEMS, TRADES } from './words/companies.ts';
import { CITIES, PHONES, STREETS } from './words/places.ts';
import { slug } from './words/slug.ts';

const EMPLOYEES = { Enterprise: [800, 24_000], Mittelstand: [60, 900], Kleinunternehmen: [3, 75] } as const;

export function account(frame: Frame, index: number): WorldAccount {
  const facts = frame.facts(index);
  const { country, segment } = facts;
  const draw = (number: number): number => roll(frame.keys.accounts, index, 20 + number);
  const [city, prefix] = pick(CITIES[country], draw(0));
  const [fewest, most] = EMPLOYEES[segment];
  const employees = between(draw(1), fewest, most);
  const trade = tradeOf(frame, index);
  return {
    name: accountName(frame, index),
    domain: accountDomain(frame, index),
    industry: INDUSTRIES[trade] ?? INDUSTRIES[0],
    country,
    city,
    street: street(country, draw(2)),
    postalCode: postalCode(country, prefix, draw(3)),
    phone: phone(country, draw(4)),
    employees,
    annualRevenueEur: employees * between(draw(5), 80, 310) * 1000,
    customerNumber: `K-${String(index + 1).padStart(6, '0')}`,
    segment,
    status: facts.status,
    owner: staffOf(frame.counts.users, chance(draw(6), 70) ? 'sales' : 'success', draw(7)),
    parent: parentOf(frame, facts, draw(8)),
    ...accountStamps(frame, index, facts),
  };
}

function stem(frame: Frame, index: number, heads: readonly string[], tails: readonly string[]): string {
  const at = frame.names.at(index) % STEMS;
  const head = heads[at % heads.length] as string;
  const middle = MIDDLES[Math.floor(at / heads.length) % MIDDLES.length] as string;
  return head + middle + (tails[Math.floor(at / heads.length / MIDDLES.length)] as string);
}

/** Accounts that share a stem lie whole rounds of stems apart and so never share the trade. */
function tradeOf(frame: Frame, index: number): number {
  const at = frame.names.at(index);
  return (Math.floor(at / STEMS) + mix(at % STEMS)) % INDUSTRIES.length;
}

export function accountName(frame: Frame, index: number): string {
  const { country } = frame.facts(index);
  const bits = roll(frame.keys.accounts, index, 40);
  const base = `${stem(frame, index, frame.company.heads, frame.company.tails)} ${tradeWord(frame, index, TRADES)}`;
  const form = pick(LEGAL_FORMS[country], bits);
  // People type names in as they like.
  switch (mix(bits) % 24) {
    case 0:
      return `${base} ${form}`.toUpperCase();
    case 1:
      return base;
    case 2:
      return `${base}  ${form}`;
    case 3:
      return `${base} ${form} (${pick(CITIES[country], bits)[0]})`;
    case 4:
      return `"${base}" ${form}`;
    default:
      return `${base} ${form}`;
  }
}

/** Under a top level that is reserved for examples; one domain per account. */
export function accountDomain(frame: Frame, index: number): string {
  const { headSlugs, tailSlugs } = frame.company;
  return `${stem(frame, index, headSlugs, tailSlugs)}-${tradeWord(frame, index, TRADE_SLUGS)}.example`;
}

const TRADE_SLUGS: typeof TRADES = {
  de: TRADES.de.map(slug),
  en: TRADES.en.map(slug),
  fr: TRADES.fr.map(slug),
  it: TRADES.it.map(slug),
  nl: TRADES.nl.map(slug),
};

function tradeWord(frame: Frame, index: number, words: typeof TRADES): string {
  return words[namesOf(frame.facts(index).country)][tradeOf(frame, index)] as string;
}

function street(country: WorldAccount['country'], bits: number): string {
  const name = pick(STREETS[country], bits);
  const house = between(mix(bits), 1, 240);
  return country === 'US' || country === 'GB' || country === 'FR' ? `${house} ${name}` : `${name} ${house}`;
}

function postalCode(country: WorldAccount['country'], prefix: string, bits: number): string {
  if (country === 'GB') return `${prefix} ${between(bits, 1, 9)}AB`;
  const length = country === 'AT' || country === 'CH' || country === 'NL' ? 4 : 5;
  const code = prefix + String(between(bits, 100, 999)).slice(0, length - prefix.length);
  return country === 'NL' ? `${code} AB` : code;
}

export function phone(country: WorldAccount['country'], bits: number): string {
  let digits = bits;
  return pick(PHONES[country], bits).replaceAll('#', () => {
    digits = mix(digits + 1);
    return String(digits % 10);
  });
}

/** A parent is always busier than its subsidiary, so chains end. */
function parentOf(frame: Frame, facts: AccountFacts, bits: number): number | null {
  if (facts.rank < 8 || !chance(bits, 12)) return null;
  return frame.accountOfRank(Math.floor((facts.rank * (mix(bits) % 1000)) / 4000));
}

/** Customers came 2.5 to 9 years ago; a few prospects without any traffic yet are new. */
function accountStamps(frame: Frame, index: number, facts: AccountFacts): { createdAt: Date; modifiedAt: Date } {
  const modifiedMs = frame.stamps.accounts(index);
  const bits = roll(frame.keys.accounts, index, 41);
  const { tickets, opportunities, meetings } = frame.children;
  const untouched =
    facts.rank > frame.counts.accounts * 0.6 &&
    tickets.countOf(index) + opportunities.countOf(index) + meetings.countOf(index) === 0;
  const old = frame.anchorMs - between(bits, 900 * 86_400, 3_300 * 86_400) * 1000;
  const createdMs = untouched ? modifiedMs - between(bits, 0, (60 * DAY_MS) / 1000) * 1000 : Math.min(old, modifiedMs);
  return { createdAt: new Date(createdMs), modifiedAt: new Date(modifiedMs) };
}
