import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { limits, type StreamId, type TenantId } from '../../kernel/index.ts';
import type { LensLayout } from '../../mapping/index.ts';
import type { AgentSessions } from './agent-sessions.ts';
import { createAgentSessions } from './agent-sessions.ts';
import { HostError } from './failure.ts';
import { selectText } from './select.ts';
import { spillDir, type LensFile } from './files.ts';

/**
 * A tenant's open file: a DuckDB instance of its own that sees this file and
 * nothing else of the machine, and cannot be talked out of it.
 */
export interface Instance {
  readonly tenant: TenantId;
  readonly file: LensFile;
  /** DuckDB's name for the file's catalog. */
  readonly catalog: string;
  readonly duck: DuckDBInstance;
  /** All writes go through this one, one after the other. */
  readonly writer: DuckDBConnection;
  readonly sessions: AgentSessions;
  /** Connections that wait for the next structured read. */
  readonly idle: DuckDBConnection[];
  /** Sequence number of the last change to each stream's rows since the file was opened. */
  readonly changedAt: Map<StreamId, number>;
  layout: LensLayout;
  seq: number;
  /** Reads and writes under way; the instance closes when there are none. */
  active: number;
  lastUsedMs: number;
}

// The order counts: each setting must be given before the last two forbid it.
const settings = (file: LensFile): Record<string, string> => ({
  threads: String(Math.min(4, availableParallelism())),
  memory_limit: `${limits.lensMemoryMb}MB`,
  temp_directory: spillDir(file),
  max_temp_directory_size: `${limits.lensSpillMb}MB`,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  enable_external_access: 'false',
  lock_configuration: 'true',
});

/** Opens or creates the file; fails with `file_in_use` where another process has it. */
export async function openInstance(tenant: TenantId, file: LensFile): Promise<Instance> {
  await mkdir(spillDir(file), { recursive: true });
  const duck = await DuckDBInstance.create(file.path, settings(file)).catch((error: unknown) => {
    if (/could not set lock|conflicting lock/i.test(String(error))) {
      throw new HostError({ kind: 'file_in_use', path: file.path });
    }
    throw error;
  });
  const writer = await duck.connect();
  const catalog = await selectText(writer, 'select current_database()');
  return {
    tenant,
    file,
    catalog,
    duck,
    writer,
    sessions: createAgentSessions(duck, catalog),
    idle: [],
    changedAt: new Map(),
    layout: { version: '', tables: [], views: [] },
    seq: 0,
    active: 0,
    lastUsedMs: 0,
  };
}

/** Ends the instance; the caller knows that nothing runs in it. */
export async function closeInstance(instance: Instance): Promise<void> {
  instance.sessions.close();
  for (const connection of instance.idle.splice(0)) connection.closeSync();
  // In the pool's thread; without it closing would do the same work and stop everybody else.
  await instance.writer.run('checkpoint').catch(() => undefined);
  instance.writer.closeSync();
  instance.duck.closeSync();
}

// More connections than this are closed after use rather than kept.
const idleMax = 4;

/** Lends a connection for one structured read. After a failure it is not used again. */
export async function withConnection<Result>(
  instance: Instance,
  work: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const connection = instance.idle.pop() ?? (await instance.duck.connect());
  try {
    const result = await work(connection);
    if (instance.idle.length < idleMax) instance.idle.push(connection);
    else connection.closeSync();
    return result;
  } catch (error) {
    connection.closeSync();
    throw error;
  }
}
