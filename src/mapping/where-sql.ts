import { GantryError } from '../kernel/index.ts';
import {
  bindComparison,
  valueKindOf,
  type BoundTest,
  type Comparison,
  type Filter,
  type Scalar,
} from '../filter/index.ts';
import type { NativeField } from '../schema/index.ts';
import { columnSql } from './mapping-sql.ts';
import type { NativeTable } from './native-table.ts';
import { resolveField } from './resolve-field.ts';
import { quoteList, quoteText } from './sql-text.ts';
import type { PlanMistake } from './unfit.ts';

export type WhereResult =
  { readonly kind: 'ok'; readonly sql: string } | { readonly kind: 'unfit'; readonly mistake: PlanMistake };

/**
 * The condition that decides which native records feed a model, over table
 * alias `t`. Two-valued like every filter. The manifest admits plain native
 * fields and fixed values only.
 */
export function whereSql(filter: Filter, table: NativeTable): WhereResult {
  try {
    return { kind: 'ok', sql: conditionSql(filter, table) };
  } catch (error) {
    if (error instanceof Unfit) return { kind: 'unfit', mistake: error.mistake };
    throw error;
  }
}

/** Carries a mistake out of the recursion; never leaves this file. */
class Unfit extends Error {
  readonly mistake: PlanMistake;
  constructor(mistake: PlanMistake) {
    super(mistake.message);
    this.mistake = mistake;
  }
}

function conditionSql(filter: Filter, table: NativeTable): string {
  switch (filter.kind) {
    case 'and':
      return filter.all.length === 0
        ? 'true'
        : `(${filter.all.map((each) => conditionSql(each, table)).join(' and ')})`;
    case 'or':
      return filter.any.length === 0
        ? 'false'
        : `(${filter.any.map((each) => conditionSql(each, table)).join(' or ')})`;
    case 'not':
      return `(not ${conditionSql(filter.not, table)})`;
    case 'compare':
      return comparisonSql(filter, table);
  }
}

function comparisonSql({ operand, op, value }: Comparison, table: NativeTable): string {
  if (operand.kind !== 'path') throw new Error('the manifest admits no measures here');
  const found = resolveField({ kind: 'name', name: operand.path }, table.stream.object);
  if (found.kind === 'missing') {
    throw new Unfit({ code: 'native_field_missing', message: found.message, suggestions: found.suggestions });
  }
  const test = bind(found.field, { op, value });
  return testSql(test, columnSql(table, found.field.name, 't'), found.field);
}

function bind(field: NativeField, { op, value }: Pick<Comparison, 'op' | 'value'>): BoundTest {
  try {
    // No relative moments here, so that the time is never read.
    return bindComparison(op, value, { kind: valueKindOf(field.type), now: new Date(0), where: field.name });
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    const message = `\`where\` on ${field.name} (${field.type}): ${error.message}`;
    throw new Unfit({ code: 'type_mismatch', message, suggestions: [] });
  }
}

function testSql(test: BoundTest, column: string, field: NativeField): string {
  const total = (sql: string): string => `coalesce(${sql}, false)`;
  const value = (scalar: Scalar): string => scalarSql(scalar, field);
  switch (test.kind) {
    case 'missing':
      return `(${column} is null)`;
    case 'compare':
      return total(`${column} ${operators[test.op]} ${value(test.value)}`);
    case 'in':
      return test.values.length === 0 ? 'false' : total(`${column} in (${test.values.map(value).join(', ')})`);
    case 'contains':
      return total(`contains(lower(${column}), lower(${quoteText(test.text)}))`);
    case 'starts_with':
      return total(`starts_with(lower(${column}), lower(${quoteText(test.text)}))`);
    case 'has':
      return total(`list_has_any(${column}, [${quoteList(test.values)}])`);
    case 'all':
      return `(${test.tests.map((each) => testSql(each, column, field)).join(' and ')})`;
    case 'any':
      return `(${test.tests.map((each) => testSql(each, column, field)).join(' or ')})`;
    case 'not':
      return `(not ${testSql(test.test, column, field)})`;
  }
}

const operators = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

function scalarSql(scalar: Scalar, field: NativeField): string {
  if (typeof scalar === 'number') return `cast(${quoteText(String(scalar))} as double)`;
  if (typeof scalar === 'boolean') return String(scalar);
  const kind = valueKindOf(field.type);
  if (kind === 'date') return `cast(${quoteText(scalar)} as date)`;
  if (kind === 'time') return `cast(${quoteText(scalar)} as time)`;
  if (kind === 'datetime') return `cast(${quoteText(scalar.replace(/Z$/, ''))} as timestamp)`;
  return quoteText(scalar);
}
