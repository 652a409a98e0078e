import type { Comparison, Filter } from '../../filter/index.ts';
import { GantryError } from '../../kernel/index.ts';
import type { ResolveOperand } from './condition-sql.ts';
import type { Typed } from './test-sql.ts';

/** Columns, as SQL, that have one and the same value wherever the amounts in question are. */
export type Pins = ReadonlySet<string>;

export const noPins: Pins = new Set();

/**
 * Amounts of different currencies are never added, compared or ordered as if
 * they were of one. Raises `query_currency_mixed` unless a filter or a group
 * holds the currency fixed.
 */
export function requireOneCurrency({ currency }: Typed, pins: Pins, where: string): void {
  if (currency === undefined || (currency.field !== null && pins.has(currency.field.sql))) return;
  const { amount, field } = currency;
  throw new GantryError('query_currency_mixed', {
    message: `Each "${amount}" is in a currency of its own, so that they cannot be added, compared or ordered as they are.`,
    where,
    fix:
      field === null
        ? 'Use fields with one currency: which one these have is not visible to you.'
        : `Filter by one "${field.name}", group by it, or convert: {"sum": "${amount}", "in": "EUR"}, as a field {"convert": "${amount}", "in": "EUR"}.`,
  });
}

/** What these conditions, which all hold, keep at one value. */
export function pinnedBy(filters: readonly Filter[], resolve: ResolveOperand): Pins {
  return new Set(
    filters.flatMap((filter) => {
      if (filter.kind === 'and') return [...pinnedBy(filter.all, resolve)];
      return filter.kind === 'compare' && isPin(filter) ? [resolve(filter.operand).sql] : [];
    }),
  );
}

const isPin = ({ op, operand, value }: Comparison): boolean =>
  operand.kind === 'path' &&
  ((op === 'eq' && value.kind === 'literal') || (op === 'in' && value.kind === 'list' && value.values.length === 1));

/** Nothing and zero are the same in every currency. */
export const knowsNoCurrency = ({ op, value }: Comparison): boolean =>
  op === 'is_null' || (value.kind === 'literal' && value.value === 0);
