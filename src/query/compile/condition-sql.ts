import { bindComparison, type Comparison, type Filter, type FilterValue } from '../../filter/index.ts';
import { GantryError, suggest } from '../../kernel/index.ts';
import type { CatalogueField, CatalogueObject } from '../../mapping/index.ts';
import type { CompileContext } from './context.ts';
import { knowsNoCurrency, pinnedBy, requireOneCurrency, type Pins } from './one-currency.ts';
import { testSql, type Typed } from './test-sql.ts';

/** An operand that a filter, a sort or an output column names. */
export interface Resolved extends Typed {
  /** Null for measures. */
  readonly source: { readonly object: CatalogueObject; readonly field: CatalogueField } | null;
  readonly where: string;
}

/** How the names of a filter are looked up: over an object's relations, or over an aggregate's columns. */
export type ResolveOperand = (operand: Comparison['operand']) => Resolved;

export interface ConditionOptions {
  readonly negated: boolean;
  /** Refuse values that a closed list does not contain; a tenant's own rules are taken as they are. */
  readonly checkValues: boolean;
  readonly now: Date;
  /** What is known to have one value here: amounts beside a currency so fixed may be compared. */
  readonly pins: Pins;
}

export function conditionSql(
  context: CompileContext,
  filter: Filter,
  resolve: ResolveOperand,
  options: ConditionOptions,
): string {
  switch (filter.kind) {
    case 'not':
      return conditionSql(context, filter.not, resolve, { ...options, negated: !options.negated });
    case 'and':
    case 'or': {
      const parts = filter.kind === 'and' ? filter.all : filter.any;
      const isAnd = (filter.kind === 'and') !== options.negated;
      if (parts.length === 0) return isAnd ? 'true' : 'false';
      const pins =
        filter.kind === 'and' && !options.negated
          ? new Set([...options.pins, ...pinnedBy(parts, resolve)])
          : options.pins;
      const inner = { ...options, pins };
      return `(${parts.map((part) => conditionSql(context, part, resolve, inner)).join(isAnd ? ' and ' : ' or ')})`;
    }
    case 'compare':
    default: {
      const operand = resolve(filter.operand);
      const { kind, where, source } = operand;
      if (!knowsNoCurrency(filter)) requireOneCurrency(operand, options.pins, where);
      const test = bindComparison(filter.op, filter.value, { kind, now: options.now, where });
      if (options.checkValues && source !== null) checkValues(context, filter, source, where);
      return testSql(context, operand, test, options.negated);
    }
  }
}

/**
 * A value outside a closed list matches nothing, and an agent would take that
 * for an answer. Models close their lists; a provider's picklist may have
 * changed since a record was written, so there it is a warning.
 */
function checkValues(
  context: CompileContext,
  { op, value }: Comparison,
  { object, field }: { readonly object: CatalogueObject; readonly field: CatalogueField },
  where: string,
): void {
  if (field.values === null || !(op === 'eq' || op === 'ne' || op === 'in' || isListTest(field, op))) return;
  const known = field.values;
  const unknown = literalsOf(value).filter((item) => !known.includes(item));
  if (unknown.length === 0) return;
  const [first = ''] = unknown;
  if (object.kind === 'native') {
    context.warnings.add(`"${first}" is not among the present values of ${object.name}.${field.name}.`);
    return;
  }
  throw new GantryError('query_value_not_allowed', {
    message: `${object.name}.${field.name} is never "${first}".`,
    where,
    suggestions: suggest(first, known),
    allowed: known.slice(0, ALLOWED_VALUES_MAX),
  });
}

const ALLOWED_VALUES_MAX = 50;

const isListTest = (field: CatalogueField, op: string): boolean => field.type === 'multi_enum' && op === 'contains';

function literalsOf(value: FilterValue): string[] {
  const values = value.kind === 'list' ? value.values : value.kind === 'literal' ? [value.value] : [];
  return values.filter((item) => item !== null).map(String);
}
