import { accountName } from './accounts.ts';
import type { AccountFacts } from './account-facts.ts';
import { below, between, chance, mix, pick, roll } from './hash.ts';
import type { Frame } from './frame.ts';
import { DAY_MS } from './stamps.ts';
import { MEETING_SUBJECTS } from './texts/sales-texts.ts';
import type { WorldMeeting } from './types.ts';
import { staffOf } from './users.ts';

type Kind = WorldMeeting['kind'];

const MINUTES = {
  QBR: [60, 90, 120],
  Kickoff: [90, 120],
  Demo: [30, 45, 60],
  'Support-Review': [30, 60],
  Telefonat: [15, 30],
} as const;
const QUARTER_MS = 900_000;

export function meeting(frame: Frame, index: number): WorldMeeting {
  const { account, ordinal } = frame.children.meetings.placeOf(index);
  const facts = frame.facts(account);
  const draw = (number: number): number => roll(frame.keys.meetings, index, number);
  const modifiedMs = frame.stamps.meetings(index);
  const firstReview = ordinal === 0 && facts.reviews === 'lapsed';
  const startsMs = officeHour(startOf(frame, facts, modifiedMs, firstReview, draw(0)), draw(1));
  const kind = firstReview ? 'QBR' : kindOf(frame, facts, startsMs, draw(2));
  const attendees = frame.children.contacts.countOf(account);
  const invited = chance(draw(3), 85);
  return {
    account,
    contact: invited ? frame.children.contacts.childAt(account, below(draw(4), attendees)) : null,
    owner: staffOf(frame.counts.users, kind === 'Demo' ? 'sales' : 'success', draw(5)),
    subject: pick(MEETING_SUBJECTS[frame.company.id][kind], draw(6)).replace('{c}', () => accountName(frame, account)),
    kind,
    startsAt: new Date(startsMs),
    minutes: pick(MINUTES[kind], draw(7)),
    createdAt: new Date(Math.min(startsMs, modifiedMs) - between(draw(8), 3_600, 45 * 86_400) * 1000),
    modifiedAt: new Date(modifiedMs),
  };
}

/** Meetings take place around the day when somebody last touched the entry; notes may follow later. */
function startOf(frame: Frame, facts: AccountFacts, modifiedMs: number, firstReview: boolean, bits: number): number {
  const near = modifiedMs + between(bits, -2 * 24, 9 * 24) * 3_600_000;
  return firstReview ? Math.min(near, frame.anchorMs - facts.lapsedDays * DAY_MS) : near;
}

function kindOf(frame: Frame, facts: AccountFacts, startsMs: number, bits: number): Kind {
  const mayReview =
    facts.reviews === 'regular' ||
    (facts.reviews === 'lapsed' && startsMs < frame.anchorMs - facts.lapsedDays * DAY_MS);
  if (mayReview && chance(bits, 40)) return 'QBR';
  return pick(['Telefonat', 'Telefonat', 'Support-Review', 'Demo', 'Kickoff'] as const, mix(bits));
}

/** The quarter of an hour between 7 and 16 UTC on that day, or on the Friday before a weekend. */
function officeHour(ms: number, bits: number): number {
  const day = Math.floor(ms / DAY_MS);
  // 1970-01-01, day 0, was a Thursday.
  const weekday = (day + 3) % 7;
  const workday = weekday > 4 ? day - (weekday - 4) : day;
  return workday * DAY_MS + between(bits, 28, 63) * QUARTER_MS;
}
