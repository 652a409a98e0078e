import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  LIST,
  VARCHAR,
  listValue,
  type DuckDBPreparedStatement,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Json } from '../../kernel/index.ts';

/**
 * Binds JSON values to `$1`, `$2`, ... Whole numbers go in as BIGINT, other
 * numbers as DOUBLE, arrays as lists of their items' type (VARCHAR when empty
 * or null throughout).
 */
export function bindParams(statement: DuckDBPreparedStatement, params: readonly Json[]): void {
  params.forEach((param, index) => bindParam(statement, index + 1, param));
}

function bindParam(statement: DuckDBPreparedStatement, index: number, param: Json): void {
  if (param === null) statement.bindNull(index);
  else if (typeof param === 'string') statement.bindVarchar(index, param);
  else if (typeof param === 'boolean') statement.bindBoolean(index, param);
  else if (typeof param === 'number') bindNumber(statement, index, param);
  else if (Array.isArray(param)) bindList(statement, index, param);
  else throw new Error(`parameter $${index} is an object; the lens binds scalars and arrays of them`);
}

function bindNumber(statement: DuckDBPreparedStatement, index: number, param: number): void {
  if (Number.isSafeInteger(param)) statement.bindBigInt(index, BigInt(param));
  else statement.bindDouble(index, param);
}

function bindList(statement: DuckDBPreparedStatement, index: number, items: readonly Json[]): void {
  const present = items.filter((item) => item !== null);
  if (present.length > 0 && present.every((item) => Number.isSafeInteger(item))) {
    const values: DuckDBValue[] = items.map((item) => (item === null ? null : BigInt(item as number)));
    statement.bindList(index, listValue(values), LIST(BIGINT));
  } else if (present.length > 0 && present.every((item) => typeof item === 'number')) {
    statement.bindList(index, listValue(items as DuckDBValue[]), LIST(DOUBLE));
  } else if (present.length > 0 && present.every((item) => typeof item === 'boolean')) {
    statement.bindList(index, listValue(items as DuckDBValue[]), LIST(BOOLEAN));
  } else if (present.every((item) => typeof item === 'string')) {
    statement.bindList(index, listValue(items as DuckDBValue[]), LIST(VARCHAR));
  } else {
    throw new Error(`parameter $${index} mixes types in its array`);
  }
}
