import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TenantId } from '../src/kernel/index.ts';

export interface Floor {
  readonly connection: DuckDBConnection;
  close(): Promise<void>;
}

/**
 * The floor of every read: the same file, opened by DuckDB in this process
 * with nothing around it. A copy, because a file belongs to one process.
 */
export async function openFloor(lensDir: string, tenant: TenantId): Promise<Floor> {
  const dir = await mkdtemp(join(tmpdir(), 'gantry-floor-'));
  const names = await readdir(lensDir);
  const newest = names
    .filter((name) => name.startsWith(`${String(tenant)}.`) && name.endsWith('.duckdb'))
    .toSorted()
    .at(-1);
  if (newest === undefined) throw new Error(`there is no lens file in ${lensDir}`);
  const path = join(dir, newest);
  await copyFile(join(lensDir, newest), path);
  // What the owner has not folded into the file yet lies beside it.
  if (names.includes(`${newest}.wal`)) await copyFile(join(lensDir, `${newest}.wal`), `${path}.wal`);
  const instance = await DuckDBInstance.create(path, { threads: '2' });
  const connection = await instance.connect();
  return {
    connection,
    close: async () => {
      connection.closeSync();
      instance.closeSync();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Milliseconds of each of `runs` runs, after a few that do not count. */
export async function timed(runs: number, work: () => Promise<unknown>): Promise<number[]> {
  for (let warm = 0; warm < 5; warm += 1) await work();
  const samples: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    await work();
    samples.push(performance.now() - started);
  }
  return samples;
}
