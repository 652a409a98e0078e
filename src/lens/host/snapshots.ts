import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';
import type { TenantId } from '../../kernel/index.ts';
import type { HostCalls } from '../host-protocol.ts';
import { nextFile } from './files.ts';
import { lensFormat } from './meta.ts';
import type { Registry } from './registry.ts';

/**
 * Copies of lens files that outlive the machine, so that a process without the
 * file need not read all records again: `<dir>/<tenant>/<format>.<seq>.duckdb`.
 * The name says what is in it, so that a version of this program finds its own.
 */
export interface SnapshotFile {
  readonly path: string;
  readonly seq: number;
}

/** The tenant's copies of this program's format, newest first. Other formats are other programs' business. */
async function listSnapshots(dir: string, tenant: TenantId): Promise<SnapshotFile[]> {
  const folder = join(dir, String(tenant));
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.flatMap((name) => {
    const match = /^(\d+)\.(\d+)\.duckdb$/.exec(name);
    if (match === null || Number(match[1]) !== lensFormat) return [];
    return [{ path: join(folder, name), seq: Number(match[2]) }];
  });
  return files.toSorted((a, b) => b.seq - a.seq);
}

/** Where the newest copy stands; null where there is none. */
export async function newestSnapshot({ tenant, dir }: HostCalls['snapshotSeq']['request']): Promise<number | null> {
  return (await listSnapshots(dir, tenant))[0]?.seq ?? null;
}

/** Copies the tenant's file. The parent sends no write of the tenant meanwhile; reads go on. */
export function takeSnapshot(
  registry: Registry,
  { tenant, dir }: HostCalls['snapshot']['request'],
): Promise<HostCalls['snapshot']['reply']> {
  return registry.withInstance(tenant, async (instance) => {
    await instance.writer.run('checkpoint');
    const log = await stat(`${instance.file.path}.wal`).catch(() => null);
    if (log !== null && log.size > 0) throw new Error('a lens file still has a log after its checkpoint');
    const { seq } = instance;
    const path = join(dir, String(tenant), `${lensFormat}.${seq}.duckdb`);
    await mkdir(join(dir, String(tenant)), { recursive: true });
    await copyWhole(instance.file.path, path);
    for (const other of await listSnapshots(dir, tenant))
      if (other.path !== path) await rm(other.path, { force: true });
    return { seq, fileBytes: (await stat(path)).size };
  });
}

/** Puts the newest copy in the place of the file that the tenant does not have. False where there is none that opens. */
export async function restoreSnapshot(
  lensDir: string,
  registry: Registry,
  { tenant, dir }: HostCalls['restore']['request'],
): Promise<boolean> {
  const [newest] = await listSnapshots(dir, tenant);
  if (newest === undefined) return false;
  await copyWhole(newest.path, (await nextFile(lensDir, tenant)).path);
  if ((await registry.find(tenant)) !== null) return true;
  // The registry has said why, and thrown its copy away.
  await rm(newest.path, { force: true });
  return false;
}

/** Under its name there is never half a file, whatever ends this process. */
async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  try {
    await copyFile(from, part, constants.COPYFILE_FICLONE);
    await rename(part, to);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
