import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { limits, type StreamId, type TenantId } from '../../kernel/index.ts';
import type { LensLayout } from '../../mapping/index.ts';
import type { StreamState } from '../host-protocol.ts';
import type { AgentSessions } from './agent-sessions.ts';
import { createAgentSessions } from './agent-sessions.ts';
import { HostError, isDiskFull } from './failure.ts';
import { openReader, type Reader } from './reader.ts';
import { spillDir, type LensFile } from './files.ts';

/**
 * A tenant's open file: a DuckDB instance of its own that sees this file and
 * nothing else of the machine, and cannot be talked out of it.
 */
export interface Instance {
  readonly tenant: TenantId;
  readonly file: LensFile;
  readonly duck: DuckDBInstance;
  /** All writes go through this one, one after the other. */
  readonly writer: DuckDBConnection;
  readonly sessions: AgentSessions;
  /** Readers that wait for the next structured read. */
  readonly idle: Reader[];
  /** Sequence number of the last change to each stream's rows since the file was opened. */
  readonly changedAt: Map<StreamId, number>;
  layout: LensLayout;
  seq: number;
  /** `seq` when the file was opened; 0 for one that was made here. */
  openedAtSeq: number;
  mark: string | null;
  /** As of `seq`. */
  streams: readonly StreamState[];
  /** Counts the commits to this file since it was opened. */
  dataVersion: number;
  /** A commit is under way: until it has ended, nobody can tell whether a snapshot holds it. */
  committing: boolean;
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
  // On a full disk what is in the file can still be read, as long as nothing has to be spilled.
  await mkdir(spillDir(file), { recursive: true }).catch((error: unknown) => {
    if (!isDiskFull(error)) throw error;
  });
  const duck = await DuckDBInstance.create(file.path, settings(file)).catch((error: unknown) => {
    if (/could not set lock|conflicting lock/i.test(String(error))) {
      throw new HostError({ kind: 'file_in_use', path: file.path });
    }
    throw error;
  });
  const writer = await duck.connect();
  return {
    tenant,
    file,
    duck,
    writer,
    sessions: createAgentSessions(duck),
    idle: [],
    changedAt: new Map(),
    layout: { version: '', tables: [], views: [] },
    seq: 0,
    openedAtSeq: 0,
    mark: null,
    streams: [],
    dataVersion: 0,
    committing: false,
    active: 0,
    lastUsedMs: 0,
  };
}

/** Ends the instance; the caller knows that nothing runs in it. */
export async function closeInstance(instance: Instance): Promise<void> {
  instance.sessions.close();
  for (const reader of instance.idle.splice(0)) reader.close();
  // In the pool's thread; without it closing would do the same work and stop everybody else.
  await instance.writer.run('checkpoint').catch(() => undefined);
  instance.writer.closeSync();
  instance.duck.closeSync();
}

// More readers than this are closed after use rather than kept.
const idleMax = 4;

/** Lends a reader for one structured read. After a failure it is not used again. */
export async function withReader<Result>(
  instance: Instance,
  work: (reader: Reader) => Promise<Result>,
): Promise<Result> {
  const reader = instance.idle.pop() ?? (await openReader(instance.duck));
  try {
    const result = await work(reader);
    if (instance.idle.length < idleMax) instance.idle.push(reader);
    else reader.close();
    return result;
  } catch (error) {
    reader.close();
    throw error;
  }
}
