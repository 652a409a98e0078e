import type { ValueKind } from '../../filter/index.ts';
import { param, type CompileContext } from './context.ts';
import { sqlTypes } from './test-sql.ts';

/** One key of a total order. Missing values come last in both directions. */
export interface SortKey {
  readonly sql: string;
  readonly kind: ValueKind;
  readonly whole: boolean;
  readonly descending: boolean;
}

/** Decimals order as doubles, because that is how a cursor's value compares: order and cursor must agree exactly. */
const keySql = (key: SortKey): string => (key.kind === 'number' && !key.whole ? `cast(${key.sql} as double)` : key.sql);

export const orderSql = (keys: readonly SortKey[]): string =>
  keys.map((key) => `${keySql(key)} ${key.descending ? 'desc' : 'asc'} nulls last`).join(', ');

/** The key as text that reads back to the same value. */
export const keyTextSql = (key: SortKey): string => `cast(${keySql(key)} as varchar)`;

/** The rows that come after the one whose keys were `values`. */
export function afterSql(
  context: CompileContext,
  keys: readonly SortKey[],
  values: readonly (string | null)[],
): string {
  const [key, ...rest] = keys;
  const [value = null, ...others] = values;
  if (key === undefined) return 'false';
  const sql = keySql(key);
  const later = rest.length === 0 ? 'false' : afterSql(context, rest, others);
  if (value === null) return `(${sql} is null and ${later})`;
  const type = key.whole ? 'bigint' : sqlTypes[key.kind];
  // A cursor that was tampered with must not fail the statement: what does not read back matches nothing.
  const literal = `try_cast(cast(${param(context, value)} as varchar) as ${type})`;
  return `(${sql} ${key.descending ? '<' : '>'} ${literal} or ${sql} is null or (${sql} = ${literal} and ${later}))`;
}
