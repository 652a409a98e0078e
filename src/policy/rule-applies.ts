import { matches, type TypedValue, type ValueKind } from '../filter/index.ts';
import { GantryError, type Json } from '../kernel/index.ts';
import { globMatches, type ApprovalRule, type ApprovalWhen, type Range } from '../manifest/index.ts';
import { sumOf, type PolicyRules } from './policy-rules.ts';
import type { PolicyPart, PolicyQuestion, Spent } from './types.ts';

/** Parts of the plan that a rule is about; none: it does not apply. */
export function partsUnder(rule: ApprovalRule, question: PolicyQuestion, known: Known): readonly PolicyPart[] {
  const { when } = rule;
  if (!fitsAny(when.agents, question.agent)) return [];
  if (when.principals.length > 0 && !fitsAny(when.principals, question.principal ?? '')) return [];
  const parts = question.parts.filter((part) => comesFrom(rule, part, question) && isAbout(rule, part, known));
  if (parts.length === 0) return [];
  const spent = when.sum === null ? NOTHING : question.spent(sumOf(when.sum));
  if (!within(when.amount, measuredAmount(question, spent))) return [];
  const records = parts.reduce((sum, part) => sum + part.records, 0) + spent.records;
  return within(when.records, records) ? parts : [];
}

const NOTHING: Spent = { amount: 0, records: 0 };

/** What nobody can tell counts as the highest; what moves no money is not held against what was moved before. */
export function measuredAmount({ amount }: Pick<PolicyQuestion, 'amount'>, spent: Spent): number {
  if (amount === null || Number.isNaN(amount)) return Number.POSITIVE_INFINITY;
  return amount === 0 ? 0 : Math.abs(amount) + spent.amount;
}

const within = (range: Range | null, value: number): boolean =>
  range === null || ((range.from === null || value >= range.from) && (range.below === null || value < range.below));

const fitsAny = (globs: readonly string[], name: string): boolean =>
  globs.length === 0 || globs.some((glob) => globMatches(glob, name));

/** Each step of a plan by the operation that it is. */
function comesFrom({ when }: ApprovalRule, part: PolicyPart, question: PolicyQuestion): boolean {
  const { intent = question.intent, safety = question.safety } = part;
  return (
    fitsAny(when.intents, intent ?? '') && (when.safety.length === 0 || when.safety.some((each) => each === safety))
  );
}

function isAbout(rule: ApprovalRule, part: PolicyPart, known: Known): boolean {
  const { operations, objects, fields } = rule.when;
  if (operations.length > 0 && !operations.includes(part.operation)) return false;
  const names = namesOf(part, known);
  if (objects.length > 0 && !names.some((name) => fitsAny(objects, name))) return false;
  if (fields.length > 0 && !touches(fields, part, { names, known })) return false;
  return conditionHolds(rule, part, known.kinds);
}

/** What the manifest tells of fields. */
type Known = Pick<PolicyRules, 'kinds' | 'shown'>;

const nativeNameOf = ({ integration, object }: PolicyPart): string =>
  object.startsWith(`${integration}.`) ? object : `${integration}.${object}`;

/** A part by its model, by its native object, and by the model that this feeds: a rule may mean any of them. */
function namesOf(part: PolicyPart, { shown }: Known): string[] {
  const native = nativeNameOf(part);
  const fed = shown.get(native)?.model;
  return [...(part.model === null ? [] : [part.model]), native, ...(fed === undefined ? [] : [fed])];
}

/** A record that is made or removed as a whole has all fields touched that it has a value in; a removed one has them all. */
function touches(
  globs: readonly string[],
  part: PolicyPart,
  { names, known }: { readonly names: readonly string[]; readonly known: Known },
): boolean {
  if (part.operation === 'delete') {
    return globs.some((glob) => !glob.includes('.') || names.some((name) => globMatches(objectOf(glob), name)));
  }
  const fed = known.shown.get(nativeNameOf(part))?.fields;
  const written = part.fields.flatMap((field) =>
    field.startsWith('native:') ? [field, ...(fed?.get(field.slice('native:'.length)) ?? [])] : [field],
  );
  return written.some((field) =>
    globs.some((glob) => globMatches(glob, field) || names.some((name) => globMatches(glob, `${name}.${field}`))),
  );
}

const objectOf = (glob: string): string => glob.slice(0, glob.lastIndexOf('.'));

/**
 * One record is enough. Where a value is not known, a rule that restricts
 * applies and one that allows does not: an allowing one has to hold for all.
 */
function conditionHolds(rule: ApprovalRule, part: PolicyPart, kinds: ReadonlyMap<string, ValueKind>): boolean {
  const { where } = rule.when;
  if (where === null) return true;
  const unknown = rule.verdict !== 'allow';
  if (part.rows.length === 0) return unknown;
  const holds = (row: PolicyPart['rows'][number]): boolean => rowPasses(where, row, { part, kinds, unknown });
  return rule.verdict === 'allow' ? part.rows.every(holds) : part.rows.some(holds);
}

function rowPasses(
  where: NonNullable<ApprovalWhen['where']>,
  row: PolicyPart['rows'][number],
  about: {
    readonly part: PolicyPart;
    readonly kinds: ReadonlyMap<string, ValueKind>;
    readonly unknown: boolean;
  },
): boolean {
  const missing = { any: false };
  const read = (path: string): TypedValue => {
    if (!Object.hasOwn(row, path)) {
      missing.any = true;
      return { kind: 'text', value: null };
    }
    const value = (row[path] ?? null) as Json;
    return { kind: kindOf(path, value, about), value };
  };
  try {
    const passes = matches(where, {
      now: NEVER,
      where: 'approvals',
      read: (operand) => read(operand.kind === 'path' ? operand.path : ''),
    });
    return missing.any ? about.unknown : passes;
  } catch (error) {
    // A condition that does not fit the values (another tenant's type of the same field) is not known either.
    if (error instanceof GantryError) return about.unknown;
    throw error;
  }
}

// Conditions compare with fixed moments only (src/manifest/build-approvals.ts).
const NEVER = new Date(0);

function kindOf(
  path: string,
  value: Json,
  { part, kinds }: { readonly part: PolicyPart; readonly kinds: ReadonlyMap<string, ValueKind> },
): ValueKind {
  const field = path.slice(path.indexOf('.') + 1);
  const declared = part.model === null ? undefined : kinds.get(`${part.model}.${field}`);
  if (declared !== undefined) return declared;
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return Array.isArray(value) ? 'list' : 'text';
}
