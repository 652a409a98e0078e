import type { Json, JsonObject } from '../kernel/index.ts';
import type { AccessRule } from '../manifest/index.ts';

const parts = ['owner', 'team', 'territory'] as const;

/**
 * Whom a record is shown by a rule of the tenant's own: those whom its fields
 * name, as grantees. A record whose fields name nobody is shown to nobody.
 */
export function ruleAudience(rule: AccessRule, values: JsonObject): string[] {
  return parts.flatMap((part) => {
    const field = rule[part];
    if (field === null || !Object.hasOwn(values, field)) return [];
    return namesIn(values[field]).map((name) => `${part}:${folded(name)}`);
  });
}

/** A rule as it is kept. */
export const ruleIn = (kept: JsonObject): AccessRule => ({
  owner: textIn(kept['owner']),
  team: textIn(kept['team']),
  territory: textIn(kept['territory']),
});

const textIn = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

export const isSameRule = (one: AccessRule, other: AccessRule): boolean =>
  parts.every((part) => one[part] === other[part]);

/** Who a linked user is, as far as the customer or the product said so. */
export interface LinkedUser {
  readonly sourceUser: string;
  /** `email`, `team`, `territory`: a text, or several. */
  readonly attributes: JsonObject;
}

/** The same user as rules name people: by id and e-mail as an owner, by what the link says of team and territory. */
export function ruleStanding({ sourceUser, attributes }: LinkedUser): string[] {
  const named = (part: string, name: string): string[] =>
    namesIn(attributes[name]).map((value) => `${part}:${folded(value)}`);
  return [
    `owner:${folded(sourceUser)}`,
    ...named('owner', 'email'),
    ...named('team', 'team'),
    ...named('territory', 'territory'),
  ];
}

/** Texts and numbers, alone or in a list; anything else names nobody. */
function namesIn(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => (Array.isArray(each) ? [] : namesIn(each)));
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'string' && value.trim() !== '' ? [value] : [];
}

/** Addresses are written in any case; ids of a provider may differ in nothing else. */
const folded = (name: string): string => (name.includes('@') ? name.trim().toLowerCase() : name.trim());
