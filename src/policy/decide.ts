import type { ApprovalRule } from '../manifest/index.ts';
import { needsOf, reviewOf } from './needs.ts';
import { heldBackBy, permissionOf, strictest, type PermissionParts, type PolicyWord } from './permission.ts';
import { pilotWord } from './pilot.ts';
import { moneySum, type PolicyRules } from './policy-rules.ts';
import { measuredAmount, partsUnder } from './rule-applies.ts';
import { amountText, isOwnSum, ruleText, standingText } from './reason-text.ts';
import type { PolicyDecision, PolicyPart, PolicyQuestion, PolicyReason } from './types.ts';

/** A rule with the parts of the plan that it is about. */
interface Applied {
  readonly rule: ApprovalRule;
  readonly parts: readonly PolicyPart[];
}

/**
 * May it be written, and with whom? Pure, and the same at every time: asked
 * when a plan is made, and again in the transaction that accepts it. What the
 * agent's grant has is looked at before (a plan outside of it has problems);
 * here every part takes the most restrictive of safety class, mode and rules,
 * and the plan that of its parts.
 */
export function decide(rules: PolicyRules, question: PolicyQuestion): PolicyDecision {
  const applied = rules.rules
    .map((rule): Applied => ({ rule, parts: partsUnder(rule, question, rules) }))
    .filter(({ parts }) => parts.length > 0);
  const judged = question.parts.map((part) => {
    const facts: PermissionParts = {
      grant: 'write',
      safety: question.safety,
      mode: part.mode,
      policy: wordOn(part, applied),
      change: part.operation === 'create_field' ? 'schema' : 'records',
    };
    return { part, facts, permission: permissionOf(facts) };
  });
  const trial = pilotWord(rules, question);
  const own = [
    ...moneyReasons(rules, question),
    ...untrustedReasons(rules, question),
    ...unseenReasons(question),
    ...(trial === null ? [] : [trial]),
  ];
  const kind = strictest([...judged.map(({ permission }) => permission), ...own.map(({ permission }) => permission)]);
  const standing = judged.flatMap(({ part, facts }) => heldBackBy(facts).map((name) => standingText(name, part)));
  const because = distinct([
    ...own.map(({ reason }) => reason),
    ...applied.map(({ rule }) => ruleText(rule, question)),
    ...standing,
  ]);
  const asking = applied.map(({ rule }) => rule).filter(({ verdict }) => verdict === 'approve' || verdict === 'allow');
  return outcome(kind, {
    because,
    asking: trial?.permission === 'approve' ? [...asking, trial.rule] : asking,
    owner: rules.owner,
    why: standing[0]?.rule ?? own[0]?.reason.rule,
  });
}

function outcome(
  kind: PolicyDecision['kind'],
  about: {
    readonly because: readonly PolicyReason[];
    readonly asking: readonly ApprovalRule[];
    readonly owner: string | null;
    readonly why: string | undefined;
  },
): PolicyDecision {
  const { because, asking, owner } = about;
  switch (kind) {
    case 'allow':
      return { kind, because, review: reviewOf(asking, owner) };
    case 'approve': {
      const approving = asking.filter(({ verdict }) => verdict === 'approve');
      const needs = needsOf(approving, about.why ?? 'no_rule', owner);
      return { kind, because, needs, review: reviewOf(asking, owner) };
    }
    case 'propose':
    case 'forbid':
      return { kind, because };
  }
}

/** The strictest that a rule says of this part. */
function wordOn(part: PolicyPart, applied: readonly Applied[]): PolicyWord {
  const words = applied.filter(({ parts }) => parts.includes(part)).map(({ rule }) => rule.verdict);
  return words.length === 0 ? 'silent' : strictest(words);
}

interface OwnWord {
  readonly permission: 'approve' | 'forbid';
  readonly reason: PolicyReason;
}

function moneyReasons({ moneyPerDay }: PolicyRules, question: PolicyQuestion): OwnWord[] {
  if (moneyPerDay === null || question.amount === 0) return [];
  const limit = amountText(moneyPerDay.amount, moneyPerDay.currency);
  // The limit is of what the agent moves: where a person takes it back, people decide.
  const permission = question.byPerson === true ? 'approve' : 'forbid';
  const forbid = (text: string): OwnWord[] => [{ permission, reason: { rule: 'grant', text } }];
  if (question.amount === null) {
    return forbid(`${question.agent} may move ${limit} in a day, and nobody can tell what this is worth.`);
  }
  if (moneyPerDay.amount === null || question.currency !== moneyPerDay.currency) {
    return forbid(`What ${question.agent} may move in a day cannot be compared: there is no rate of that day.`);
  }
  const moved = question.spent(moneySum);
  if (measuredAmount(question, moved) <= moneyPerDay.amount) return [];
  const sofar = isOwnSum(moneySum.per, question)
    ? `; ${amountText(moved.amount, question.currency)} of that are used`
    : ', and this would be more';
  return forbid(`${question.agent} may move ${limit} in a day${sofar}.`);
}

function untrustedReasons({ untrustedText }: PolicyRules, { readUntrusted }: PolicyQuestion): OwnWord[] {
  if (!readUntrusted || untrustedText === 'allow') return [];
  const text = 'The agent read free text of others before: what it wants now may be what that text wanted.';
  return [{ permission: untrustedText, reason: { rule: 'untrusted_text', text } }];
}

/** The same whether it holds or not: people look, and see what the asker does not. */
const unseenReasons = ({ unseen = [] }: PolicyQuestion): OwnWord[] =>
  unseen.map((text) => ({
    permission: 'approve',
    reason: { rule: 'precondition', text: `A person has to see whether this is so: ${text}` },
  }));

const distinct = (reasons: readonly PolicyReason[]): PolicyReason[] => [
  ...new Map(reasons.map((reason) => [`${reason.rule} ${reason.text}`, reason])).values(),
];
