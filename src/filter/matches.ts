import type { Json } from '../kernel/index.ts';
import type { Filter, Operand } from './ast.ts';
import { bindComparison, type BoundTest, type Scalar, type ValueKind } from './bind.ts';
import { parseMoment } from './moments.ts';
import { compareText, foldCase } from './text-order.ts';

/** A field's value with how it compares; null where it is missing. */
export interface TypedValue {
  readonly kind: ValueKind;
  readonly value: Json;
}

/** A record as the matcher sees it: whoever holds it knows how paths and measures are found. */
export interface FilterRow {
  readonly now: Date;
  /** Where the filter stands, for errors: `sync filter`. */
  readonly where: string;
  read(operand: Operand): TypedValue;
}

/** Does the record pass? Gives exactly what the SQL of the same filter gives. Raises what bindComparison raises. */
export function matches(filter: Filter, row: FilterRow): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.all.every((part) => matches(part, row));
    case 'or':
      return filter.any.some((part) => matches(part, row));
    case 'not':
      return !matches(filter.not, row);
    case 'compare':
    default: {
      const { kind, value } = row.read(filter.operand);
      const name = filter.operand.kind === 'path' ? filter.operand.path : filter.operand.relation;
      const test = bindComparison(filter.op, filter.value, { kind, now: row.now, where: `${row.where}: ${name}` });
      return holds(test, value, kind);
    }
  }
}

function holds(test: BoundTest, value: Json, kind: ValueKind): boolean {
  switch (test.kind) {
    case 'missing':
      return value === null;
    case 'not':
      return !holds(test.test, value, kind);
    case 'all':
      return test.tests.every((part) => holds(part, value, kind));
    case 'any':
      return test.tests.some((part) => holds(part, value, kind));
    case 'has':
      return Array.isArray(value) && test.values.some((item) => value.includes(item));
    case 'in':
      return test.values.some((item) => order(value, item, kind) === 0);
    case 'contains':
      return typeof value === 'string' && foldCase(value).includes(foldCase(test.text));
    case 'starts_with':
      return typeof value === 'string' && foldCase(value).startsWith(foldCase(test.text));
    case 'compare':
    default: {
      const sign = order(value, test.value, kind);
      return sign !== null && signs[test.op](sign);
    }
  }
}

const signs = {
  eq: (sign: number) => sign === 0,
  lt: (sign: number) => sign < 0,
  lte: (sign: number) => sign <= 0,
  gt: (sign: number) => sign > 0,
  gte: (sign: number) => sign >= 0,
} as const;

/** Negative, zero or positive; null where either is missing or of another type. */
function order(value: Json, to: Scalar, kind: ValueKind): number | null {
  if (typeof value === 'number' && typeof to === 'number') return value < to ? -1 : Number(value > to);
  if (typeof value === 'boolean' && typeof to === 'boolean') return Number(value) - Number(to);
  if (typeof value !== 'string' || typeof to !== 'string') return null;
  if (kind !== 'datetime') return compareText(value, to);
  const moment = parseMoment(value);
  return moment === null ? null : compareText(moment, to);
}
