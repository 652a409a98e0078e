import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStage, type Stage } from '../examples/renewals/stage/open-stage.ts';
import type { Json, JsonObject, TenantId } from '../src/kernel/index.ts';
import { addSmallTenants, type SmallTenant } from './small-tenants.ts';

export interface LoadedStage {
  readonly stage: Stage;
  readonly lensDir: string;
  /** The large tenant and its records. */
  readonly tenant: TenantId;
  readonly records: number;
  readonly small: readonly SmallTenant[];
  close(): Promise<void>;
}

/**
 * The example with everything loaded through the real path, provider limits
 * lifted: the load is not what is measured. Small customers stand beside it,
 * so that nothing is measured on a machine that has one tenant only.
 */
export async function loadedStage(scale: number, smallTenants = 0): Promise<LoadedStage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
  const stage = await openStage({
    scale,
    seed: 1,
    dataDir,
    databaseUrl: process.env['DATABASE_URL'] ?? null,
    port: 0,
    logLevel: 'warn',
  });
  const close = async (): Promise<void> => {
    await stage.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await stage.support.control('POST', 'limits', { incrementalPerMinute: 1_000_000, perMinute: 1_000_000 });
    await stage.operator.connect('crm', stage.crm);
    await stage.operator.connect('support', stage.support);
    await stage.operator.loaded(['crm', 'support']);
    const context = await stage.gantry.callers.find(stage.agentKey);
    if (context === null) throw new Error('the agent has no access');
    const { tenant } = context.caller;
    const { lens } = stage.gantry;
    await lens.catchUp(tenant);
    const { streams } = await lens.status(tenant);
    const records = streams.reduce((sum, stream) => sum + stream.rows, 0);
    const small = await addSmallTenants(stage.gantry, tenant, smallTenants);
    for (const each of small) await lens.catchUp(each.id);
    return { stage, lensDir: join(dataDir, 'lens'), tenant, records, small, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export type ToolCall = (tool: string, args: JsonObject) => Promise<{ readonly [key: string]: Json }>;

/** Calls tools as the agent of a key, without a door in between. Throws where the tool answers with an error. */
export async function callAs({ stage }: LoadedStage, agentKey: string): Promise<ToolCall> {
  const context = await stage.gantry.callers.find(agentKey);
  if (context === null) throw new Error('the agent has no access');
  const unbounded = { ...context, caller: { ...context.caller, callsPerMinute: null } };
  return async (tool, args) => {
    const outcome = await stage.gantry.door.call(unbounded, tool, args);
    if (outcome.kind === 'error') throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
    return outcome.answer;
  };
}

export const doorCall = (loaded: LoadedStage): Promise<ToolCall> => callAs(loaded, loaded.stage.agentKey);
