import type { DuckDBConnection } from '@duckdb/node-api';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { limits, systemClock } from '../../kernel/index.ts';
import type { HostCallName, HostCalls, HostEvent, Rows, SqlCall } from '../host-protocol.ts';
import { HostError, isBroken, isDiskFull, isTooLarge, toFailure } from './failure.ts';
import { discardTenants } from './discard.ts';
import { createGate, type Gate } from './gate.ts';
import { withReader, type Instance } from './instance.ts';
import { relationName } from './layout-sql.ts';
import { createParser } from './parser.ts';
import { select } from './select.ts';
import type { Reader } from './reader.ts';
import { createReadPlaces } from './read-places.ts';
import { withTimeout } from './read-rows.ts';
import { createRegistry, type Registry } from './registry.ts';
import { newestSnapshot, restoreSnapshot, takeSnapshot } from './snapshots.ts';
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

export function createHost(dir: string, emit: (event: HostEvent) => void, openMax: number): Host {
  const registry = createRegistry(dir, emit, openMax);
  const writes = createWrites(dir, registry, emit);
  const gate = createGate({ total: limits.sqlConcurrentMax, perTenant: limits.sqlConcurrentPerTenantMax });
  const places = createReadPlaces({
    places: limits.lensReadsPerCore * availableParallelism(),
    longMs: limits.lensLongReadMs,
  });
  const parse = createParser();
  return {
    registry,
    gate,
    handlers: {
      ...writes,
      async open({ tenant }) {
        const instance = await registry.find(tenant);
        if (instance === null) return null;
        return {
          seq: instance.seq,
          mark: instance.mark,
          layoutVersion: instance.layout.version,
          streams: instance.streams,
        };
      },
      read: ({ tenant, sql, params, timeoutMs }) =>
        registry.withInstance(tenant, (instance) =>
          places.run(() =>
            withReader(instance, (reader) =>
              withTimeout(reader.connection, timeoutMs, () => readOurs(reader, instance.dataVersion, { sql, params })),
            ),
          ),
        ),
      readSql: (call) => registry.withInstance(call.tenant, (instance) => runAgentSql(instance, gate, call)),
      parse,
      async release({ tenant }) {
        await registry.release(tenant);
        return null;
      },
      snapshot: (request) => takeSnapshot(registry, request),
      snapshotSeq: newestSnapshot,
      restore: (request) => restoreSnapshot(dir, registry, request),
      discard: (request) => discardTenants(dir, registry, request),
      async shutdown() {
        await registry.closeAll();
        return null;
      },
      status: ({ tenant }) => registry.withInstance(tenant, statusOf),
    },
  };
}

async function readOurs(
  reader: Reader,
  dataVersion: number,
  { sql, params }: Pick<HostCalls['read']['request'], 'sql' | 'params'>,
): Promise<Rows> {
  try {
    return await reader.read(sql, params, dataVersion);
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
    // Neither says anything of values; the registry has to see that an instance is broken.
    if (error instanceof HostError || isBroken(error) || isDiskFull(error)) throw error;
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
    rows: await withReader(instance, ({ connection }) => countRows(instance, connection)),
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
