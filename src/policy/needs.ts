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
  /** Whether the rule names somebody: `$owner` names, also where nobody answers for the agent. */
  readonly isNamed: boolean;
}

/**
 * What several rules ask for, together: everybody who is named decides, and as
 * many different humans as the rule that asks for most. Somebody named counts
 * for a rule that leaves open who; times are the shortest, eyes the strictest.
 * Second reviews before the write are asked in the same way, beside them.
 */
export function needsOf(rules: readonly ApprovalRule[], why: string, owner: string | null): ApprovalNeed[] {
  if (rules.length === 0) return [usualNeed(why)];
  const shared = {
    slaMs: Math.min(...rules.map(({ slaMs }) => slaMs)),
    escalateTo: [...new Set(rules.flatMap(({ escalateTo }) => namesIn(escalateTo, owner)))],
    fourEyes: rules.some(({ fourEyes }) => fourEyes === 'strict') ? ('strict' as const) : ('usual' as const),
  };
  const askedOf = (rule: string, from: readonly string[], people: number): Asked => ({
    rule,
    from: namesIn(from, owner),
    people,
    isNamed: from.length > 0,
  });
  const asked = rules.map(({ name, from, people }) => askedOf(name, from, people));
  const reviews = rules.flatMap(({ name, secondReview }) =>
    secondReview?.when === 'before' ? [askedOf(`${name}.second_review`, secondReview.from, 1)] : [],
  );
  const toNeed = ({ rule, from, people, isNamed }: Asked): ApprovalNeed[] =>
    Array.from({ length: people }, (_none, index) => ({
      id: `${rule}#${String(index + 1)}`,
      from: isNamed ? { kind: 'people' as const, names: from } : { kind: 'role' as const },
      ...shared,
    }));
  return [...together(asked), ...together(reviews)].flatMap(toNeed);
}

/** Those who are named first; they count for whatever leaves open who. */
function together(asked: readonly Asked[]): Asked[] {
  const named = groups(asked.filter(({ isNamed }) => isNamed));
  const open = groups(asked.filter(({ isNamed }) => !isNamed));
  const namedPeople = named.reduce((sum, { people }) => sum + people, 0);
  return [...named, ...open.map((each) => ({ ...each, people: Math.max(0, each.people - namedPeople) }))];
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
