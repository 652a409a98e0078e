import pg from 'pg';
import { limits, systemClock, type Clock } from '../kernel/index.ts';
import { createDb } from './create-db.ts';
import { connectError } from './connect-error.ts';
import type { Db, SqlParam } from './db.ts';
import type { Driver, Session } from './driver.ts';
import { createPostgresListener } from './postgres-listener.ts';
import { encodeParam, valueParsers } from './sql-values.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string;
  readonly connectionsMax?: number;
  readonly statementTimeoutMs?: number;
  readonly clock?: Clock;
}

/**
 * A PostgreSQL server, 15 or later, through a pool of connections. Statements
 * are unnamed, so that any pooler may stand in between. A server that went away
 * is `store_unavailable` until it is back; nothing has to be reopened.
 */
export async function openPostgres(options: PostgresOptions): Promise<Db> {
  const connection = connectionConfig(options);
  const pool = new pg.Pool({ ...connection, max: options.connectionsMax ?? limits.dbConnectionsMax });
  // An idle connection that breaks is replaced by the pool; without a listener the event would end the process.
  pool.on('error', () => undefined);
  const listener = createPostgresListener(() => new pg.Client(connection), options.clock ?? systemClock);
  const driver: Driver = {
    kind: 'postgres',
    serverVersion: '',
    session: (work) => withClient(pool, work),
    listen: listener.listen,
    close: async () => {
      await listener.close();
      await pool.end();
    },
  };
  try {
    const [row] = await createDb(driver).query<{ version: string }>(
      "select current_setting('server_version') as version",
    );
    return createDb({ ...driver, serverVersion: row?.version.split(' ')[0] ?? 'unknown' });
  } catch (error) {
    await driver.close();
    throw connectError(error, options.connectionString);
  }
}

function connectionConfig(options: PostgresOptions): pg.ClientConfig {
  return {
    connectionString: options.connectionString,
    application_name: 'gantry',
    connectionTimeoutMillis: limits.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs ?? limits.statementTimeoutMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    keepAlive: true,
    types: { getTypeParser },
  };
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  const own = format === 'binary' ? undefined : valueParsers[oid];
  return own ?? (pg.types.getTypeParser as (oid: number) => (value: string) => unknown)(oid);
}

async function withClient<Result>(pool: pg.Pool, work: (session: Session) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken = false;
  const onError = (): void => {
    broken = true;
  };
  client.on('error', onError);
  const session: Session = {
    query: async (text, params) => (await client.query({ text, values: params.map(forPg) })).rows as unknown[],
    script: async (text) => {
      // Without values `pg` sends a simple message, which may hold several statements.
      const results = (await client.query(text)) as unknown as pg.QueryResult | pg.QueryResult[];
      return ((Array.isArray(results) ? results.at(-1)?.rows : results.rows) ?? []) as unknown[];
    },
    discard: () => {
      broken = true;
    },
  };
  try {
    return await work(session);
  } finally {
    client.removeListener('error', onError);
    client.release(broken);
  }
}

function forPg(param: SqlParam): unknown {
  const value = encodeParam(param);
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
