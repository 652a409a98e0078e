import type { DuckDBConnection } from '@duckdb/node-api';
import type { Json } from '../../kernel/index.ts';
import { readRows, structuredBounds } from './read-rows.ts';

type Row = readonly Json[];

/** One statement of the host's own, with all its rows. */
export async function select(connection: DuckDBConnection, sql: string, params: Row = []): Promise<readonly Row[]> {
  const statement = await connection.prepare(sql);
  try {
    return (await readRows(statement, params, structuredBounds)).rows;
  } finally {
    statement.destroySync();
  }
}

/** The single text that a statement yields. */
export async function selectText(connection: DuckDBConnection, sql: string, params: Row = []): Promise<string> {
  const value = (await select(connection, sql, params))[0]?.[0];
  if (typeof value !== 'string') throw new Error('a statement of the lens did not yield its text');
  return value;
}
