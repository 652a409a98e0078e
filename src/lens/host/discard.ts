import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { limits, systemClock, type TenantId } from '../../kernel/index.ts';
import type { DiscardedFiles } from '../contract.ts';
import type { HostCalls } from '../host-protocol.ts';
import type { Registry } from './registry.ts';

/** Everything of these tenants that lies here: files of whatever generation, their logs and spill, and all copies. */
export async function discardTenants(
  dir: string,
  registry: Registry,
  { tenants, snapshotDir }: HostCalls['discard']['request'],
): Promise<DiscardedFiles> {
  for (const tenant of tenants) {
    await registry.release(tenant);
    await letGo(registry, tenant);
  }
  const gone = new Set<number>(tenants);
  let files = 0;
  for (const name of await namesIn(dir)) {
    const match = /^(\d+)\.\d+\.duckdb(.*)$/.exec(name);
    if (match === null || !gone.has(Number(match[1]))) continue;
    await rm(join(dir, name), { force: true, recursive: true });
    if (match[2] === '') files += 1;
  }
  let snapshots = 0;
  for (const tenant of tenants) if (snapshotDir !== null) snapshots += await discardCopies(snapshotDir, tenant);
  return { files, snapshots };
}

/** What is still open would write its log anew, under a name that is gone. */
async function letGo(registry: Registry, tenant: TenantId): Promise<void> {
  const until = systemClock.monotonicMs() + limits.lensDiscardWaitMs;
  while (registry.holds(tenant) && systemClock.monotonicMs() < until) await systemClock.sleep(limits.lensDiscardLookMs);
}

async function discardCopies(snapshotDir: string, tenant: TenantId): Promise<number> {
  const folder = join(snapshotDir, String(tenant));
  const copies = (await namesIn(folder)).filter((name) => name.endsWith('.duckdb')).length;
  await rm(folder, { force: true, recursive: true });
  return copies;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
}
