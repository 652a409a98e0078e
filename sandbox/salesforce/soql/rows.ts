import type { Table } from '../rows/table.ts';
import type { Condition, OrderItem } from './ast.ts';
import { candidates } from './candidates.ts';
import { comparable, sortOf, type Comparable } from './operand.ts';
import { compile, type Predicate, type PredicateContext } from './predicate.ts';
import { isSortable } from '../schema/field.ts';
import { SoqlError } from './soql-error.ts';

export interface RowQuery {
  readonly where: Condition | null;
  readonly orderBy: readonly OrderItem[];
  readonly includeDeleted: boolean;
  /** How many rows are wanted at most, in order. */
  readonly atMost: number;
  /** Which rows the caller is shown; null: all of them. */
  readonly visible: Predicate | null;
}

/** Rows of a table that match, in order. */
export function matchRows(query: RowQuery, table: Table, context: PredicateContext): readonly number[] {
  const fits = query.where === null ? () => true : compile(query.where, context);
  const { visible } = query;
  const matches: Predicate = visible === null ? fits : (row) => visible(row) && fits(row);
  const native = nativeOrder(query.orderBy, context);
  const touched = table.touched().filter((row) => (query.includeDeleted || !table.isDeleted(row)) && matches(row));
  if (native !== null) {
    const later = orderTouched(touched, native, table);
    return merge(query, table, context, { matches, later, byStamp: native === 'stamp', atMost: query.atMost });
  }
  const base = merge(query, table, context, {
    matches,
    later: touched,
    byStamp: false,
    atMost: Number.POSITIVE_INFINITY,
  });
  return base.toSorted(sorter(query.orderBy, context)).slice(0, query.atMost);
}

/** Orders that the base rows already have. */
function nativeOrder(orderBy: readonly OrderItem[], context: PredicateContext): 'id' | 'stamp' | null {
  if (orderBy.some((item) => item.descending)) return null;
  const names = orderBy.map((item) => {
    const field = context.bind(item.path);
    return field.steps.length === 0 ? field.def.storage : '';
  });
  if (names.length === 0 || names[0] === 'Id') return 'id';
  const byStamp = names[0] === 'SystemModstamp' || names[0] === 'LastModifiedDate';
  return byStamp && (names.length === 1 || names[1] === 'Id') ? 'stamp' : null;
}

function orderTouched(rows: readonly number[], order: 'id' | 'stamp', table: Table): readonly number[] {
  if (order === 'id') return rows;
  return rows.toSorted((a, b) => table.stamp(a) - table.stamp(b) || a - b);
}

interface MergePlan {
  readonly matches: Predicate;
  /** Touched rows that match, in the order wanted. */
  readonly later: readonly number[];
  readonly byStamp: boolean;
  readonly atMost: number;
}

/** Walks the untouched base rows in order, weaves the touched ones in, and stops when there are enough. */
function merge(query: RowQuery, table: Table, context: PredicateContext, plan: MergePlan): readonly number[] {
  const found = candidates(query.where, table, context);
  const rows: number[] = [];
  const count = found.kind === 'range' ? found.to - found.from : found.rows.length;
  const sure = found.kind === 'range' && found.exact && query.visible === null;
  const anyTouched = table.touched().length > 0;
  let next = 0;
  for (let at = 0; at < count && rows.length < plan.atMost; at += 1) {
    const row = found.kind === 'range' ? found.from + at : (found.rows[at] as number);
    if ((anyTouched && table.isTouched(row)) || !(sure || plan.matches(row))) continue;
    while (next < plan.later.length && comesFirst(plan.later[next] as number, row, plan.byStamp, table)) {
      rows.push(plan.later[next] as number);
      next += 1;
    }
    rows.push(row);
  }
  while (next < plan.later.length) {
    rows.push(plan.later[next] as number);
    next += 1;
  }
  return rows.length > plan.atMost ? rows.slice(0, plan.atMost) : rows;
}

function comesFirst(touched: number, base: number, byStamp: boolean, table: Table): boolean {
  if (!byStamp) return touched < base;
  const difference = table.stamp(touched) - table.stamp(base);
  return difference === 0 ? touched < base : difference < 0;
}

/** Any other order; equal rows keep the order of their ids. */
function sorter(orderBy: readonly OrderItem[], context: PredicateContext): (a: number, b: number) => number {
  const keys = orderBy.map((item) => {
    const field = context.bind(item.path);
    if (!isSortable(field.def)) {
      throw new SoqlError(
        'INVALID_FIELD',
        context.text,
        item.path.at,
        `field '${field.def.name}' can not be sorted in a query call`,
      );
    }
    const cache = new Map<number, Comparable>();
    const places = new Map(field.def.picklist.map((value, at) => [value.toLowerCase(), at]));
    const ordered = sortOf(field.def.type) === 'text' && field.def.type === 'picklist';
    const key = (row: number): Comparable => {
      const known = cache.get(row);
      if (known !== undefined) return known;
      const value = comparable(field.def, field.read(row));
      // Picklists sort by the order of their values, not by the alphabet.
      const fresh = ordered && typeof value === 'string' ? (places.get(value) ?? places.size) : value;
      cache.set(row, fresh);
      return fresh;
    };
    return { key, item };
  });
  return (a, b) => {
    for (const { key, item } of keys) {
      const [left, right] = [key(a), key(b)];
      if (left === right) continue;
      if (left === null || right === null) return (left === null) === (item.nulls === 'first') ? -1 : 1;
      return left < right === item.descending ? 1 : -1;
    }
    return a - b;
  };
}
