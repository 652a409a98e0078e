import type { ApprovalRule } from '../manifest/index.ts';
import type { StandingReason } from './permission.ts';
import { sumOf } from './policy-rules.ts';
import type { PolicyPart, PolicyQuestion, PolicyReason, RollingSum, Spent } from './types.ts';

const VERB: Readonly<Record<ApprovalRule['verdict'], string>> = {
  allow: 'may be written',
  approve: 'waits for approval',
  propose: 'is for a person to do',
  forbid: 'is not allowed',
};

/** One sentence for people: what the rule says, and what it was measured by. */
export function ruleText(rule: ApprovalRule, question: PolicyQuestion): PolicyReason {
  const { when } = rule;
  const spent = when.sum === null ? null : question.spent(sumOf(when.sum));
  const facts = [
    ...(when.amount === null ? [] : [amountFact(question)]),
    ...(when.records === null ? [] : [recordsFact(question)]),
    ...(when.sum === null || spent === null ? [] : spentFact(when.sum.per, spent, question)),
    // Agents are told this, too: a rule may be about fields that they are not shown, and people see what is written.
    ...(when.fields.length === 0 ? [] : ['it touches a field that this rule is about']),
  ];
  const own = rule.why === null ? '' : ` ${rule.why}`;
  return {
    rule: rule.name,
    text: `It ${VERB[rule.verdict]}${facts.length === 0 ? '' : `: ${facts.join('; ')}`}.${own}`,
  };
}

/**
 * Of what was moved for others only that it counts is said: it would tell
 * amounts of records that the user, or the agent, is not shown.
 */
export const isOwnSum = (per: RollingSum['per'], { principal }: PolicyQuestion): boolean =>
  per === 'principal' || (per === 'agent' && principal === null);

function spentFact(per: RollingSum['per'], { amount, records }: Spent, question: PolicyQuestion): string[] {
  if (!isOwnSum(per, question)) return ['what was accepted before counts, too'];
  if (amount === 0 && records === 0) return [];
  return [`${amountText(amount, question.currency)} and ${plural(records)} were accepted before`];
}

const amountFact = ({ amount, currency }: PolicyQuestion): string => {
  if (amount === null) return 'nobody can tell what it is worth, which counts as the highest';
  return amount === 0 ? 'it moves no money' : `it is worth ${amountText(Math.abs(amount), currency)}`;
};

const recordsFact = ({ parts }: PolicyQuestion): string =>
  `it is about ${plural(parts.reduce((sum, { records }) => sum + records, 0))}`;

const plural = (records: number): string => (records === 1 ? '1 record' : `${grouped(records)} records`);

/** `8,000 EUR` */
export const amountText = (amount: number | null, currency: string | null): string =>
  amount === null
    ? 'an unknown amount'
    : `${grouped(Math.round(amount * 100) / 100)}${currency === null ? '' : ` ${currency}`}`;

const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 2 });

const MODE: Readonly<Record<PolicyPart['mode'], string>> = {
  read_only: 'only reads',
  propose_only: 'takes proposals only: a person carries them out',
  gated: 'takes nothing without an approval',
  autonomous: 'takes what policy lets through',
};

/** What holds whatever the rules say. */
export function standingText(name: StandingReason, { integration, mode }: PolicyPart): PolicyReason {
  switch (name) {
    case 'mode':
      return { rule: 'mode', text: `Integration ${integration} ${MODE[mode]}.` };
    case 'safety':
      return { rule: 'safety', text: 'Its safety class does not let it write.' };
    case 'create_field':
      return {
        rule: 'create_field',
        text: `A field is made in ${integration} for everybody there: people have to agree.`,
      };
    case 'no_rule':
      return { rule: 'no_rule', text: 'It is a gated write, and no rule lets it through without an approval.' };
  }
}
