import { accountName } from './accounts.ts';
import type { AccountFacts } from './account-facts.ts';
import { below, between, chance, mix, pick, roll } from './hash.ts';
import type { Frame } from './frame.ts';
import { textsOf } from './language.ts';
import { DAY_MS } from './stamps.ts';
import { DESCRIPTIONS, NEXT_STEPS } from './texts/sales-texts.ts';
import type { WorldOpportunity } from './types.ts';
import { staffOf } from './users.ts';

type Stage = WorldOpportunity['stage'];
type Kind = WorldOpportunity['kind'];

const OPEN_STAGES = ['Qualifizierung', 'Bedarfsanalyse', 'Angebot', 'Verhandlung'] as const;
const PROBABILITY: Readonly<Record<Stage, number>> = {
  Qualifizierung: 10,
  Bedarfsanalyse: 25,
  Angebot: 50,
  Verhandlung: 75,
  Gewonnen: 100,
  Verloren: 0,
};
/** Cents per year, lowest and highest, by segment. */
const AMOUNTS = {
  Enterprise: [4_000_000, 62_000_000],
  Mittelstand: [600_000, 9_000_000],
  Kleinunternehmen: [45_000, 900_000],
} as const;
const KIND_NAMES = {
  de: { Neugeschäft: 'Neugeschäft', Verlängerung: 'Verlängerung', Erweiterung: 'Erweiterung' },
  en: { Neugeschäft: 'New business', Verlängerung: 'Renewal', Erweiterung: 'Expansion' },
  it: { Neugeschäft: 'Nuovo contratto', Verlängerung: 'Rinnovo', Erweiterung: 'Ampliamento' },
} as const;

/** Where a deal stands; needs no text, so that tickets can ask for it. */
export interface Deal {
  readonly account: number;
  readonly facts: AccountFacts;
  readonly kind: Kind;
  readonly stage: Stage;
  readonly open: boolean;
}

export function deal(frame: Frame, index: number): Deal {
  const { account, ordinal } = frame.children.opportunities.placeOf(index);
  const facts = frame.facts(account);
  const draw = (number: number): number => roll(frame.keys.opportunities, index, number);
  if (ordinal === 0 && facts.renewalDue) {
    return { account, facts, kind: 'Verlängerung', stage: pick(OPEN_STAGES, draw(0)), open: true };
  }
  const ageDays = (frame.anchorMs - frame.stamps.opportunities(index)) / DAY_MS;
  const open = facts.status !== 'Gekündigt' && chance(draw(1), openPercent(ageDays));
  const kind = facts.status === 'Interessent' ? 'Neugeschäft' : kindOf(draw(2));
  const lost = facts.status === 'Interessent' || (facts.status === 'Gekündigt' && ordinal === 0);
  const closed: Stage = !lost && chance(draw(3), 62) ? 'Gewonnen' : 'Verloren';
  return { account, facts, kind, stage: open ? pick(OPEN_STAGES, draw(0)) : closed, open };
}

/** Deals that nobody touched for long are seldom still open. */
function openPercent(ageDays: number): number {
  if (ageDays < 60) return 60;
  if (ageDays < 180) return 35;
  return ageDays < 365 ? 12 : 3;
}

function kindOf(bits: number): Kind {
  const percent = below(bits, 100);
  if (percent < 45) return 'Neugeschäft';
  return percent < 78 ? 'Verlängerung' : 'Erweiterung';
}

export function opportunity(frame: Frame, index: number): WorldOpportunity {
  const { account, facts, kind, stage, open } = deal(frame, index);
  const draw = (number: number): number => roll(frame.keys.opportunities, index, 20 + number);
  const language = textsOf(frame.company, facts.country);
  const modifiedMs = frame.stamps.opportunities(index);
  const closeMs = closeDay(frame, open, modifiedMs, draw(0));
  const createdMs = Math.min(modifiedMs, closeMs) - between(draw(1), 10 * 86_400, 300 * 86_400) * 1000;
  const [lowest, highest] = AMOUNTS[facts.segment];
  const year = new Date(closeMs).getUTCFullYear();
  return {
    account,
    owner: staffOf(frame.counts.users, kind === 'Neugeschäft' ? 'sales' : 'success', draw(2)),
    name: `${accountName(frame, account)} – ${KIND_NAMES[language][kind]} ${year}`,
    stage,
    kind,
    amountEur: between(draw(3), lowest, highest) / 100,
    closeDate: new Date(closeMs),
    probability: PROBABILITY[stage],
    nextStep: open && chance(draw(4), 70) ? pick(NEXT_STEPS[language], mix(draw(4))) : null,
    description: chance(draw(5), 45) ? pick(DESCRIPTIONS[language], mix(draw(5))) : null,
    createdAt: new Date(createdMs),
    modifiedAt: new Date(modifiedMs),
  };
}

/** Midnight UTC. Open deals close around the anchor, some overdue; closed ones shortly before their last change. */
function closeDay(frame: Frame, open: boolean, modifiedMs: number, bits: number): number {
  const ms = open ? frame.anchorMs + between(bits, -25, 160) * DAY_MS : modifiedMs - between(bits, 0, 20) * DAY_MS;
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** The number of the contract that a won deal led to. */
export function contractNumber(opportunityIndex: number): string {
  return `V-${String(opportunityIndex + 1).padStart(6, '0')}`;
}
