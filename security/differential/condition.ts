import type { Json, JsonObject } from '../../src/kernel/index.ts';
import type { Draw } from './draw.ts';
import { valueIn, type Column, type Table } from './tables.ts';

/** A condition in three forms, written apart from Gantry's filter language. */
export interface Condition {
  readonly field: string;
  readonly filter: JsonObject;
  readonly sql: (alias: string) => string;
  readonly holds: (row: readonly Json[]) => boolean;
}

/** With a value of any record of the table, hidden ones included. */
export function conditionOn(table: Table, column: Column, draw: Draw): Condition {
  const { name, kind } = column;
  const values = [...table.rows.values()].map((row) => valueIn(table, row, name)).filter((value) => value !== null);
  const of = (row: readonly Json[]): Json => valueIn(table, row, name);
  const field = (alias: string): string => `${alias}.${quoted(name)}`;
  const op =
    values.length === 0
      ? 'is_null'
      : draw.pick(
          kind === 'boolean'
            ? ['eq', 'is_null']
            : kind === 'text'
              ? ['eq', 'ne', 'lt', 'gt', 'contains', 'is_null']
              : ['eq', 'ne', 'lt', 'gt', 'is_null'],
        );
  const make = (json: Json, sql: (name: string) => string, test: (value: Json) => boolean): Condition => ({
    field: name,
    filter: { [name]: { [op]: json } },
    sql: (alias) => sql(field(alias)),
    holds: (row) => test(of(row)),
  });
  if (op === 'is_null') {
    const wanted = draw.chance(50);
    return make(
      wanted,
      (at) => `${at} is ${wanted ? '' : 'not '}null`,
      (value) => (value === null) === wanted,
    );
  }
  const value = draw.pick(values);
  const literal = typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
  if (op === 'contains') {
    const whole = String(value);
    const part =
      whole
        .slice(draw.below(Math.max(1, whole.length - 3)))
        .slice(0, 4)
        .trim() || whole;
    return make(
      part,
      (at) => `contains(lower(${at}), lower('${part.replaceAll("'", "''")}'))`,
      (each) => typeof each === 'string' && each.toLowerCase().includes(part.toLowerCase()),
    );
  }
  const sign = { eq: '=', ne: '<>', lt: '<', gt: '>' }[op] ?? '=';
  const test = (each: Json): boolean => {
    if (each === null) return op === 'ne';
    const order = orderOf(each, value);
    return { eq: order === 0, ne: order !== 0, lt: order < 0, gt: order > 0 }[op] ?? false;
  };
  return make(
    value,
    (at) => (op === 'ne' ? `(${at} is null or ${at} <> ${literal})` : `${at} ${sign} ${literal}`),
    test,
  );
}

export const quoted = (name: string): string => `"${name}"`;

/** Bytes for text, size for numbers; what is missing comes last. */
export function orderOf(a: Json, b: Json): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
