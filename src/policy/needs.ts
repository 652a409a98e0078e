import { limits } from '../kernel/index.ts';
import type { ApprovalRule } from '../manifest/index.ts';
import type { ApprovalNeed } from './types.ts';

/** Where something else than a rule asks for an approval: `mode`, `untrusted_text`, `no_rule`. */
const usualNeed = (why: string): ApprovalNeed => ({
  id: `${why}#1`,
  from: { kind: 'role' },
  slaMs: limits.approvalSlaMs,
  escalateTo: [],
  fourEyes: 'usual',
});

interface Asked {
  readonly rule: string;
  readonly from: readonly string[];
  readonly people: number;
}

/**
 * What several rules ask for, together: everybody who is named decides, and as
 * many different humans as the rule that asks for most. Somebody named counts
 * for a rule that leaves open who; times are the shortest, eyes the strictest.
 */
export function needsOf(rules: readonly ApprovalRule[], why: string, owner: string | null): ApprovalNeed[] {
  if (rules.length === 0) return [usualNeed(why)];
  const shared = {
    slaMs: Math.min(...rules.map(({ slaMs }) => slaMs)),
    escalateTo: [...new Set(rules.flatMap(({ escalateTo }) => namesIn(escalateTo, owner)))],
    fourEyes: rules.some(({ fourEyes }) => fourEyes === 'strict') ? ('strict' as const) : ('usual' as const),
  };
  const asked = rules.map(({ name, from, people }): Asked => ({ rule: name, from: namesIn(from, owner), people }));
  const named = groups(asked.filter(({ from }, index) => from.length > 0 || (rules[index]?.from.length ?? 0) > 0));
  const open = groups(asked.filter((_each, index) => rules[index]?.from.length === 0));
  const namedPeople = named.reduce((sum, { people }) => sum + people, 0);
  const spare = open.map((each) => ({ ...each, people: Math.max(0, each.people - namedPeople) }));
  const reviews = rules.flatMap(({ name, secondReview }): Asked[] =>
    secondReview?.when === 'before'
      ? [{ rule: `${name}.second_review`, from: namesIn(secondReview.from, owner), people: 1 }]
      : [],
  );
  const toNeed = (each: Asked, isNamed: boolean): ApprovalNeed[] =>
    Array.from({ length: each.people }, (_none, index) => ({
      id: `${each.rule}#${String(index + 1)}`,
      from: isNamed ? { kind: 'people' as const, names: each.from } : { kind: 'role' as const },
      ...shared,
    }));
  return [
    ...named.flatMap((each) => toNeed(each, true)),
    ...spare.flatMap((each) => toNeed(each, false)),
    ...reviews.slice(0, 1).flatMap((each) => toNeed(each, each.from.length > 0)),
  ];
}

/** The same people are asked once, as many of them as the rule that asks for most. */
function groups(asked: readonly Asked[]): Asked[] {
  const byNames = new Map<string, Asked>();
  for (const each of asked) {
    const key = each.from.toSorted().join('\n');
    const known = byNames.get(key);
    if (known === undefined || known.people < each.people) byNames.set(key, each);
  }
  return [...byNames.values()];
}

/** `$owner` without anybody who answers for the agent names nobody: what needs them waits until it is denied. */
const namesIn = (names: readonly string[], owner: string | null): string[] =>
  names.flatMap((name) => (name === '$owner' ? (owner === null ? [] : [owner]) : [name]));

/** A second look afterwards: of several, the one that is due first. */
export function reviewOf(rules: readonly ApprovalRule[], owner: string | null): ApprovalNeed | null {
  const asked = rules.flatMap(({ name, secondReview, fourEyes }) =>
    secondReview?.when === 'after' ? [{ name, fourEyes, ...secondReview }] : [],
  );
  const [first] = asked.toSorted((a, b) => a.withinMs - b.withinMs);
  if (first === undefined) return null;
  const names = namesIn(first.from, owner);
  return {
    id: `${first.name}.second_review#1`,
    from: first.from.length === 0 ? { kind: 'role' } : { kind: 'people', names },
    slaMs: first.withinMs,
    escalateTo: [],
    fourEyes: asked.some(({ fourEyes }) => fourEyes === 'strict') ? 'strict' : 'usual',
  };
}
