import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TenantId } from '../../kernel/index.ts';

/**
 * One file per tenant and generation: `17.3.duckdb`. A rebuild writes the next
 * generation beside the present one, so that switching needs no rename (a
 * rename would leave DuckDB's write-ahead log beside the wrong file). Only one
 * generation stays.
 */
export interface LensFile {
  readonly path: string;
  readonly generation: number;
}

/** A tenant's files, newest generation first. */
export async function listFiles(dir: string, tenant: TenantId): Promise<LensFile[]> {
  await mkdir(dir, { recursive: true });
  const files: LensFile[] = [];
  for (const name of await readdir(dir)) {
    const match = /^(\d+)\.(\d+)\.duckdb$/.exec(name);
    if (match === null || Number(match[1]) !== tenant) continue;
    files.push({ path: join(dir, name), generation: Number(match[2]) });
  }
  return files.toSorted((a, b) => b.generation - a.generation);
}

export async function nextFile(dir: string, tenant: TenantId): Promise<LensFile> {
  const generation = ((await listFiles(dir, tenant))[0]?.generation ?? 0) + 1;
  return { path: join(dir, `${tenant}.${generation}.duckdb`), generation };
}

/** Spill files of one lens file. A directory of its own: DuckDB lets a statement read what is in there. */
export const spillDir = (file: LensFile): string => `${file.path}.spill`;

export async function removeFile(file: LensFile): Promise<void> {
  await rm(file.path, { force: true });
  await rm(`${file.path}.wal`, { force: true });
  await rm(spillDir(file), { force: true, recursive: true });
}
