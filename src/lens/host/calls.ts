import type { DuckDBConnection } from '@duckdb/node-api';
import { stat } from 'node:fs/promises';
import { limits, systemClock, type Json } from '../../kernel/index.ts';
import type { HostCallName, HostCalls, HostEvent, Rows, SqlCall } from '../host-protocol.ts';
import { HostError, isTooLarge, toFailure } from './failure.ts';
import { createGate, type Gate } from './gate.ts';
import { withConnection, type Instance } from './instance.ts';
import { relationName } from './layout-sql.ts';
import { readMeta } from './meta.ts';
import { createParser } from './parser.ts';
import { select } from './select.ts';
import { readRows, structuredBounds, withTimeout } from './read-rows.ts';
import { createRegistry, type Registry } from './registry.ts';
import { createWrites } from './writes.ts';

export type HostHandlers = {
  readonly [Name in HostCallName]: (request: HostCalls[Name]['request']) => Promise<HostCalls[Name]['reply']>;
};

export interface Host {
  readonly handlers: HostHandlers;
  readonly registry: Registry;
  /** Agents' statements run through it. */
  readonly gate: Gate;
}

export function createHost(dir: string, emit: (event: HostEvent) => void): Host {
  const registry = createRegistry(dir, emit);
  const writes = createWrites(dir, registry, emit);
  const gate = createGate({ total: limits.sqlConcurrentMax, perTenant: limits.sqlConcurrentPerTenantMax });
  const parse = createParser();
  return {
    registry,
    gate,
    handlers: {
      ...writes,
      async open({ tenant }) {
        const instance = await registry.find(tenant);
        const meta = instance === null ? null : await readMeta(instance.writer);
        return meta === null ? null : { seq: meta.seq, layoutVersion: meta.layoutVersion, streams: meta.streams };
      },
      read: ({ tenant, sql, params, timeoutMs }) =>
        registry.withInstance(tenant, (instance) =>
          withConnection(instance, (connection) =>
            withTimeout(connection, timeoutMs, () => readOurs(connection, sql, params)),
          ),
        ),
      readSql: (call) => registry.withInstance(call.tenant, (instance) => runAgentSql(instance, gate, call)),
      parse,
      async shutdown() {
        await registry.closeAll();
        return null;
      },
      status: ({ tenant }) => registry.withInstance(tenant, statusOf),
    },
  };
}

async function readOurs(connection: DuckDBConnection, sql: string, params: readonly Json[]): Promise<Rows> {
  try {
    const statement = await connection.prepare(sql);
    try {
      return await readRows(statement, params, structuredBounds);
    } finally {
      statement.destroySync();
    }
  } catch (error) {
    throw isTooLarge(error) ? new HostError({ kind: 'too_large' }) : error;
  }
}

/** One opaque failure for whatever went wrong in an agent's statement: engine texts can hold values that it may not see. */
async function runAgentSql(instance: Instance, gate: Gate, call: SqlCall): Promise<Rows> {
  const until = systemClock.monotonicMs() + call.timeoutMs;
  const leave = await gate.enter(call, until);
  try {
    return await instance.sessions.run(call, instance, until);
  } catch (error) {
    if (error instanceof HostError) throw error;
    const failure = toFailure(error);
    throw new HostError(failure.kind === 'misfit' ? { kind: 'misfit', text: '' } : { kind: 'sql' });
  } finally {
    leave();
  }
}

async function statusOf(instance: Instance): Promise<HostCalls['status']['reply']> {
  const sizes = await Promise.all(
    [instance.file.path, `${instance.file.path}.wal`].map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return {
    fileBytes: sizes.reduce((sum, size) => sum + size, 0),
    rows: await withConnection(instance, (connection) => countRows(instance, connection)),
  };
}

async function countRows(
  instance: Instance,
  connection: DuckDBConnection,
): Promise<HostCalls['status']['reply']['rows']> {
  const rows = [];
  for (const table of instance.layout.tables) {
    const [count] = await select(connection, `select count(*) from ${relationName(table)}`);
    rows.push({ stream: table.stream, rows: Number(count?.[0]) });
  }
  return rows;
}
