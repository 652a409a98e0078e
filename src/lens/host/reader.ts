import type { DuckDBConnection, DuckDBInstance, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { Json } from '../../kernel/index.ts';
import type { Rows } from '../host-protocol.ts';
import { readRows, structuredBounds } from './read-rows.ts';

/**
 * A connection for structured reads that remembers what it prepared: agents ask
 * the same questions with other values, and planning one over a wide view takes
 * as long as answering it.
 *
 * A plan is good for one state of the data only. DuckDB plans anew when tables
 * or views change, but not when rows do, and what it has concluded from the
 * range of a column's values (nothing can match) then hides rows (measured
 * with 1.5.6).
 */
export interface Reader {
  readonly connection: DuckDBConnection;
  /** `dataVersion`: read before the call; any other one than before means that plans are of no use. */
  read(sql: string, params: readonly Json[], dataVersion: number): Promise<Rows>;
  close(): void;
}

const preparedMax = 32;

export async function openReader(duck: DuckDBInstance): Promise<Reader> {
  const connection = await duck.connect();
  // In order of use, the least recently used first.
  const prepared = new Map<string, DuckDBPreparedStatement>();
  let version = 0;

  function forget(): void {
    for (const statement of prepared.values()) statement.destroySync();
    prepared.clear();
  }

  async function statementOf(sql: string): Promise<DuckDBPreparedStatement> {
    const known = prepared.get(sql);
    prepared.delete(sql);
    const statement = known ?? (await connection.prepare(sql));
    prepared.set(sql, statement);
    for (const [oldest, other] of prepared) {
      if (prepared.size <= preparedMax) break;
      prepared.delete(oldest);
      other.destroySync();
    }
    return statement;
  }

  return {
    connection,
    async read(sql, params, dataVersion) {
      if (dataVersion !== version) forget();
      version = dataVersion;
      return readRows(await statementOf(sql), params, structuredBounds);
    },
    close() {
      forget();
      connection.closeSync();
    },
  };
}
