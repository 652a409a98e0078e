import type { Json } from '../kernel/index.ts';

/**
 * The one filter language: query filters, row filters in grants, sync filters.
 *
 * Logic is two-valued, also over missing values, so that `not` is always the
 * exact complement and no row can be neither in nor out:
 * - eq, in, lt, lte, gt, gte, contains, starts_with are false where the value is missing;
 * - ne is the complement of eq (true where the value is missing);
 * - is_null takes true or false.
 * Text comparison in eq, ne, in is exact; contains and starts_with ignore case.
 */
export type Filter =
  | { readonly kind: 'and'; readonly all: readonly Filter[] }
  | { readonly kind: 'or'; readonly any: readonly Filter[] }
  | { readonly kind: 'not'; readonly not: Filter }
  | Comparison;

export interface Comparison {
  readonly kind: 'compare';
  readonly operand: Operand;
  readonly op: CompareOp;
  readonly value: FilterValue;
}

export type CompareOp = 'eq' | 'ne' | 'in' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'starts_with' | 'is_null';

/** A field, by dotted path over to-one relations (`account.owner.email`), or a measure over a to-many relation. */
export type Operand = { readonly kind: 'path'; readonly path: string } | RelatedMeasure;

/**
 * A number computed over related records: `{"count": "account.tickets"}`,
 * `{"max": "account.meetings.held_at", "where": {...}}`. The last relation of
 * `path` is to-many; `field` is null for count. A count over nothing is 0,
 * every other measure over nothing is missing.
 */
export interface RelatedMeasure {
  readonly kind: 'measure';
  readonly measure: MeasureOp;
  /** Dotted path to the to-many relation: `tickets`, `account.tickets`. */
  readonly relation: string;
  readonly field: string | null;
  readonly where: Filter | null;
  /** Amounts in this currency (ISO 4217), by the rates of the day: today, or each record's day in field `on`. */
  readonly convert: { readonly to: string; readonly on: string | null } | null;
}

export type MeasureOp = 'count' | 'sum' | 'avg' | 'min' | 'max';

/** A literal, a list of literals (`in`), or a moment relative to the query's time (`{"ago": "90d"}`, `{"ahead": "2w"}`). */
export type FilterValue =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string }
  | { readonly kind: 'list'; readonly values: readonly (boolean | number | string)[] }
  | {
      readonly kind: 'relative';
      readonly sign: -1 | 1;
      readonly amount: number;
      readonly unit: 'h' | 'd' | 'w' | 'm' | 'y';
    };

/** The JSON that people and agents write; parse-filter.ts turns it into a Filter. */
export type FilterJson = Json;
