import { GantryError, type Json } from '../kernel/index.ts';
import type { CompareOp, FilterValue } from './ast.ts';
import { nextDay, parseDay, parseMoment, parseTime, relativeMoment } from './moments.ts';

/** How values compare, whatever a provider calls their type. */
export type ValueKind = 'text' | 'boolean' | 'number' | 'date' | 'datetime' | 'time' | 'list' | 'json';
export type Scalar = boolean | number | string;

/**
 * A comparison whose value has the type of its field. SQL and the matcher are
 * both made from this, so that they cannot read one filter in two ways. Every
 * test but `missing` and `not` is false where the value is missing.
 */
export type BoundTest =
  | { readonly kind: 'missing' }
  | { readonly kind: 'compare'; readonly op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte'; readonly value: Scalar }
  | { readonly kind: 'in'; readonly values: readonly Scalar[] }
  | { readonly kind: 'contains' | 'starts_with'; readonly text: string }
  /** A list with one of these elements. */
  | { readonly kind: 'has'; readonly values: readonly string[] }
  | { readonly kind: 'all' | 'any'; readonly tests: readonly BoundTest[] }
  | { readonly kind: 'not'; readonly test: BoundTest };

export interface BindContext {
  readonly kind: ValueKind;
  /** What relative moments are relative to. */
  readonly now: Date;
  /** For errors: `filter: close_date`. */
  readonly where: string;
}

const kinds = {
  id: 'text',
  string: 'text',
  text: 'text',
  enum: 'text',
  reference: 'text',
  boolean: 'boolean',
  integer: 'number',
  number: 'number',
  decimal: 'number',
  date: 'date',
  datetime: 'datetime',
  time: 'time',
  multi_enum: 'list',
  json: 'json',
} as const;

export const valueKindOf = (type: keyof typeof kinds): ValueKind => kinds[type];

const ordered: readonly CompareOp[] = ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'is_null'];
const opsOf: Readonly<Record<ValueKind, readonly CompareOp[]>> = {
  text: [...ordered, 'contains', 'starts_with'],
  number: ordered,
  date: ordered,
  datetime: ordered,
  time: ordered,
  boolean: ['eq', 'ne', 'in', 'is_null'],
  list: ['contains', 'in', 'is_null'],
  json: ['is_null'],
};

/**
 * Brings the value into the type of the field. A bare date against a moment
 * means that whole UTC day: `lte 2026-01-31` includes the evening of the 31st.
 * Raises `query_op_invalid` and `query_value_invalid`.
 */
export function bindComparison(op: CompareOp, value: FilterValue, context: BindContext): BoundTest {
  const allowed = opsOf[context.kind];
  if (!allowed.includes(op)) {
    throw new GantryError('query_op_invalid', {
      message: `"${op}" does not work on a ${wordFor[context.kind]}.`,
      where: context.where,
      allowed,
    });
  }
  if (op === 'is_null') {
    return value.kind === 'literal' && value.value === true
      ? { kind: 'missing' }
      : { kind: 'not', test: { kind: 'missing' } };
  }
  if (op === 'in') return bindList(value, context);
  const literal = literalOf(value, context);
  if (op === 'contains' || op === 'starts_with') {
    if (typeof literal !== 'string') return refuse(literal, 'a text', context);
    return context.kind === 'list' ? { kind: 'has', values: [literal] } : { kind: op, text: literal };
  }
  if (op === 'ne') return { kind: 'not', test: bindOne('eq', literal, context) };
  return bindOne(op, literal, context);
}

function bindList(value: FilterValue, context: BindContext): BoundTest {
  if (value.kind !== 'list') throw new Error('the parser gives "in" a list');
  if (context.kind === 'list') return { kind: 'has', values: value.values.map((item) => asText(item, context)) };
  if (context.kind === 'datetime') {
    return { kind: 'any', tests: value.values.map((item) => bindOne('eq', item, context)) };
  }
  return { kind: 'in', values: value.values.map((item) => coerce(item, context)) };
}

function bindOne(op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte', literal: Scalar, context: BindContext): BoundTest {
  const day = context.kind === 'datetime' && typeof literal === 'string' ? parseDay(literal) : null;
  return day === null ? { kind: 'compare', op, value: coerce(literal, context) } : dayTest(op, day);
}

function dayTest(op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte', day: string): BoundTest {
  const start = `${day}T00:00:00.000Z`;
  const end = `${nextDay(day)}T00:00:00.000Z`;
  const from: BoundTest = { kind: 'compare', op: 'gte', value: start };
  const before: BoundTest = { kind: 'compare', op: 'lt', value: end };
  switch (op) {
    case 'eq':
      return { kind: 'all', tests: [from, before] };
    case 'lt':
      return { kind: 'compare', op: 'lt', value: start };
    case 'lte':
      return before;
    case 'gt':
      return { kind: 'compare', op: 'gte', value: end };
    case 'gte':
    default:
      return from;
  }
}

function literalOf(value: FilterValue, context: BindContext): Scalar {
  if (value.kind === 'literal' && value.value !== null) return value.value;
  if (value.kind !== 'relative') throw new Error('the parser gives comparisons one value');
  if (context.kind !== 'date' && context.kind !== 'datetime') {
    return refuse(`${value.amount}${value.unit}`, `a ${wordFor[context.kind]}`, context);
  }
  const moment = relativeMoment(context.now, value);
  if (moment === null) return refuse(`${value.amount}${value.unit}`, 'a span within the years 1000 to 9998', context);
  return context.kind === 'date' ? moment.slice(0, 10) : moment;
}

function coerce(literal: Scalar, context: BindContext): Scalar {
  const { kind } = context;
  switch (kind) {
    case 'text':
      return asText(literal, context);
    case 'number':
      return typeof literal === 'number' ? literal : refuse(literal, 'a number without quotes', context);
    case 'boolean':
      return typeof literal === 'boolean' ? literal : refuse(literal, 'true or false', context);
    case 'date':
      return asDay(literal) ?? refuse(literal, 'a date such as "2026-11-20" or {"ago": "90d"}', context);
    case 'datetime':
      return (
        (typeof literal === 'string' ? parseMoment(literal) : null) ??
        refuse(literal, 'a moment such as "2026-11-20T08:30:00Z", a date, or {"ago": "36h"}', context)
      );
    case 'time':
      return (
        (typeof literal === 'string' ? parseTime(literal) : null) ??
        refuse(literal, 'a time of day such as "08:30"', context)
      );
    case 'list':
    case 'json':
    default:
      throw new Error(`no operator brings a literal to ${kind}`);
  }
}

/** A moment at midnight UTC is as good as its date; any other would be cut silently. */
function asDay(literal: Scalar): string | null {
  if (typeof literal !== 'string') return null;
  const moment = parseMoment(literal);
  return parseDay(literal) ?? (moment?.endsWith('T00:00:00.000Z') === true ? moment.slice(0, 10) : null);
}

/** Ids are text here even where a provider numbers its records. */
function asText(literal: Scalar, context: BindContext): string {
  if (typeof literal === 'string') return literal;
  return Number.isSafeInteger(literal) ? String(literal) : refuse(literal, 'a text', context);
}

const wordFor: Readonly<Record<ValueKind, string>> = {
  text: 'text field',
  number: 'number field',
  boolean: 'true/false field',
  date: 'date field',
  datetime: 'date-and-time field',
  time: 'time field',
  list: 'field with several values',
  json: 'field with nested data',
};

function refuse(value: Json, wanted: string, context: BindContext): never {
  const shown = JSON.stringify(value);
  throw new GantryError('query_value_invalid', {
    message: `${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown} does not fit a ${wordFor[context.kind]}.`,
    where: context.where,
    fix: `Write ${wanted}.`,
  });
}
