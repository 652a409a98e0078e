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
  const [samples] = await timedInTurns(runs, [work]);
  return samples ?? [];
}

/**
 * Several works in turns, so that what the machine does meanwhile falls on all
 * of them: only then is their ratio one of the works. Samples in their order.
 */
export async function timedInTurns(runs: number, works: readonly (() => Promise<unknown>)[]): Promise<number[][]> {
  for (let warm = 0; warm < 5; warm += 1) for (const work of works) await work();
  const samples = works.map((): number[] => []);
  for (let run = 0; run < runs; run += 1) {
    for (const [at, work] of works.entries()) {
      const started = performance.now();
      await work();
      samples[at]?.push(performance.now() - started);
    }
  }
  return samples;
}
