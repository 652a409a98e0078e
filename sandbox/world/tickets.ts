import { accountName } from './accounts.ts';
import { contactOfEndUser } from './counts.ts';
import { below, between, chance, mix, pick, roll } from './hash.ts';
import type { Frame } from './frame.ts';
import { textsOf } from './language.ts';
import { contractNumber, deal } from './opportunities.ts';
import { DAY_MS } from './stamps.ts';
import { HOSTILE_TEXTS } from './texts/hostile-texts.ts';
import { CLOSINGS, FOLLOW_UPS, GREETINGS, PROBLEMS } from './texts/ticket-texts.ts';
import type { WorldTicket } from './types.ts';
import { staffOf } from './users.ts';

type Draw = (number: number) => number;

const AREAS = ['abrechnung', 'import', 'api', 'berichte', 'mobil'] as const;
const TYPES = ['problem', 'incident', 'question', 'question', 'task'] as const;
const PRIORITIES = ['low', 'normal', 'normal', 'normal', 'high', 'urgent', null, null] as const;
const TAGS = [
  'vip',
  'montagmorgen',
  'wartet_auf_kunde',
  'release_7',
  'schulung',
  'dsgvo',
  'doppelt',
  'rückruf',
] as const;
/** Help desks close solved tickets by themselves after about four weeks. */
const CLOSED_AFTER_DAYS = 28;

export function ticket(frame: Frame, index: number): WorldTicket {
  const { account } = frame.children.tickets.placeOf(index);
  const draw: Draw = (number) => roll(frame.keys.tickets, index, number);
  const modifiedMs = frame.stamps.tickets(index);
  const status = statusOf((frame.anchorMs - modifiedMs) / DAY_MS, draw(0));
  const escalated = chance(draw(1), 6);
  const productArea = pick(AREAS, draw(2));
  const writers = frame.endUsers.countOf(account);
  const ageS = chance(draw(3), 80) ? between(draw(4), 600, 9 * 86_400) : between(draw(4), 86_400, 90 * 86_400);
  return {
    account,
    requester: contactOfEndUser(frame.endUsers.childAt(account, below(draw(5), writers))),
    assignee: status === 'new' ? null : staffOf(frame.counts.users, 'support', draw(6)),
    ...texts(frame, account, productArea, draw),
    status,
    priority: escalated ? 'urgent' : pick(PRIORITIES, draw(7)),
    type: pick(TYPES, draw(8)),
    tags: TAGS.filter((_tag, at) => chance(mix(draw(9) + at), 9)),
    productArea,
    contractNumber: contractOf(frame, account, draw(10)),
    revenueAtRiskEur: chance(draw(11), escalated ? 70 : 8) ? between(draw(12), 50_000, 25_000_000) / 100 : null,
    escalated,
    createdAt: new Date(modifiedMs - ageS * 1000),
    modifiedAt: new Date(modifiedMs),
  };
}

function statusOf(ageDays: number, bits: number): WorldTicket['status'] {
  const percent = below(bits, 100);
  if (ageDays > 180) return percent < 98 ? 'closed' : 'hold';
  if (ageDays > CLOSED_AFTER_DAYS)
    return percent < 86 ? 'closed' : pick(['open', 'pending', 'hold'] as const, mix(bits));
  if (percent < 45) return 'solved';
  return pick(['new', 'open', 'open', 'pending', 'hold'] as const, mix(bits));
}

/** Some writers name the contract that a won deal of their company led to. */
function contractOf(frame: Frame, account: number, bits: number): string | null {
  if (!chance(bits, 35)) return null;
  const deals = frame.children.opportunities.countOf(account);
  if (deals === 0) return null;
  const index = frame.children.opportunities.childAt(account, mix(bits) % deals);
  return deal(frame, index).stage === 'Gewonnen' ? contractNumber(index) : null;
}

function texts(
  frame: Frame,
  account: number,
  area: WorldTicket['productArea'],
  draw: Draw,
): { subject: string; description: string } {
  if (draw(20) % 150 === 0) {
    const [subject, description] = pick(HOSTILE_TEXTS, draw(21));
    return { subject, description };
  }
  const language = textsOf(frame.company, frame.facts(account).country);
  const problem = pick(PROBLEMS[language][area], draw(22));
  const number = String(between(draw(23), 2, 9_500));
  const fill = (text: string): string => text.replaceAll('{n}', number);
  const follow = chance(draw(24), 60) ? `\n\n${pick(FOLLOW_UPS[language], draw(25))}` : '';
  const signed = chance(draw(26), 30) ? `\n${accountName(frame, account)}` : '';
  const greeting = pick(GREETINGS[language], draw(27));
  const closing = pick(CLOSINGS[language], draw(28));
  return {
    subject: fill(problem.subject),
    description: `${greeting}\n\n${fill(problem.detail)}${follow}\n\n${closing}${signed}`,
  };
}
