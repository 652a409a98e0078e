import { limits } from '../kernel/index.ts';
import { globMatches, type ApprovalPilot, type ApprovalRule } from '../manifest/index.ts';
import { DAY_MS, moneySum, type PolicyRules } from './policy-rules.ts';
import { amountText } from './reason-text.ts';
import { measuredAmount } from './rule-applies.ts';
import type { PolicyQuestion, PolicyReason } from './types.ts';

export type PilotWord =
  | { readonly permission: 'approve'; readonly reason: PolicyReason; readonly rule: ApprovalRule }
  | { readonly permission: 'forbid'; readonly reason: PolicyReason };

/** What a trial says to a write: whatever else the rules say, its one approver decides, and nothing goes beyond it. */
export function pilotWord({ pilot, day }: PolicyRules, question: PolicyQuestion): PilotWord | null {
  if (pilot === null) return null;
  // What a person takes back is no part of the trial, and the one who decides on the trial decides on it.
  const why = question.byPerson === true ? null : beyond(pilot, day, question);
  if (why !== null) return { permission: 'forbid', reason: { rule: 'pilot', text: why } };
  const text = `${question.agent} is on trial (${pilot.name}) until ${pilot.until}: ${pilot.approver} decides.`;
  return { permission: 'approve', reason: { rule: 'pilot', text }, rule: ruleOf(pilot) };
}

/** From when on nothing of a trial is written. */
export interface TrialEnd {
  readonly endsAt: Date;
  /** Said of what is not sent then. */
  readonly why: string;
}

/** The trial's last day is the last on which it writes, in UTC as all days here. Null: the agent is on none. */
export function trialEndOf({ pilot }: Pick<PolicyRules, 'pilot'>): TrialEnd | null {
  if (pilot === null) return null;
  const endsAt = new Date(Date.parse(`${pilot.until}T00:00:00Z`) + DAY_MS);
  return { endsAt, why: endedText(pilot) };
}

const endedText = ({ agent, name, until }: ApprovalPilot): string =>
  `The trial of ${agent} (${name}) ended with ${until}.`;

function beyond(pilot: ApprovalPilot, day: string, question: PolicyQuestion): string | null {
  const { agent, parts, intent, amount, currency } = question;
  if (day > pilot.until) return endedText(pilot);
  const elsewhere = parts.find(({ integration }) => integration !== pilot.integration);
  if (elsewhere !== undefined) {
    return `The trial of ${agent} is in ${pilot.integration}, and this is in ${elsewhere.integration}.`;
  }
  // Each step by itself. What taking back would come to counts nothing.
  const outside = parts
    .filter((part) => part.records > 0)
    .map((part) => (part.intent === undefined ? intent : part.intent))
    .find((name) => !pilot.intents.some((glob) => globMatches(glob, name ?? '')));
  if (pilot.intents.length > 0 && outside !== undefined) {
    return `The trial of ${agent} is of ${pilot.intents.join(', ')}, and this is ${outside ?? 'a plain write'}.`;
  }
  const before = question.spent(moneySum);
  const worth = measuredAmount(question, before);
  if (worth > pilot.amountPerDay) {
    const limit = amountText(pilot.amountPerDay, currency);
    return amount === null
      ? `A trial moves ${limit} in a day, and nobody can tell what this is worth.`
      : `The trial of ${agent} moves ${limit} in a day; ${amountText(before.amount, currency)} of that are used.`;
  }
  const records = parts.reduce((sum, part) => sum + part.records, 0) + before.records;
  if (records <= pilot.recordsPerDay) return null;
  return `The trial of ${agent} writes ${String(pilot.recordsPerDay)} records in a day; this would be the ${String(records)}th.`;
}

const ruleOf = ({ approver, at }: ApprovalPilot): ApprovalRule => ({
  name: 'pilot',
  why: null,
  when: {
    agents: [],
    principals: [],
    intents: [],
    safety: [],
    operations: [],
    objects: [],
    fields: [],
    amount: null,
    records: null,
    sum: null,
    where: null,
  },
  verdict: 'approve',
  from: [approver],
  people: 1,
  slaMs: limits.approvalSlaMs,
  escalateTo: [],
  fourEyes: 'usual',
  secondReview: null,
  at,
});
