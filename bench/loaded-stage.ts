import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure, type Figure } from './figure.ts';
import { sizeOnDisk } from './process-facts.ts';
import { openStage, type Stage } from '../examples/renewals/stage/open-stage.ts';
import type { Json, JsonObject, TenantId } from '../src/kernel/index.ts';
import { growTenant } from './grow-tenant.ts';
import { addSmallTenants, type SmallTenant } from './small-tenants.ts';

export interface LoadedStage {
  readonly stage: Stage;
  readonly lensDir: string;
  /** The large tenant and its records. */
  readonly tenant: TenantId;
  readonly records: number;
  readonly small: readonly SmallTenant[];
  /** How long the large tenant took, and what it takes on disk. */
  figures(): AsyncIterable<Figure>;
  close(): Promise<void>;
}

/** What a sandbox serves at most; a larger tenant is made of copies of a smaller one. */
const SANDBOX_RECORDS_MAX = 1_000_000;
const COPIED_RECORDS = 100_000;

/**
 * The example with everything loaded through the real path, provider limits
 * lifted: the load is not what is measured. Small customers stand beside it,
 * so that nothing is measured on a machine that has one tenant only.
 */
export async function loadedStage(wanted: number, smallTenants = 0): Promise<LoadedStage> {
  const scale = wanted > SANDBOX_RECORDS_MAX ? COPIED_RECORDS : wanted;
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
    const started = performance.now();
    await stage.operator.connect('crm', stage.crm);
    await stage.operator.connect('support', stage.support);
    await stage.operator.loaded(['crm', 'support']);
    const context = await stage.gantry.callers.find(stage.agentKey);
    if (context === null) throw new Error('the agent has no access');
    const { tenant } = context.caller;
    const { lens } = stage.gantry;
    const loaded = performance.now();
    const copies = Math.ceil(wanted / scale) - 1;
    const added = copies === 0 ? 0 : await growTenant(stage.gantry, tenant, copies);
    const stored = performance.now();
    await lens.catchUp(tenant);
    const caughtUp = performance.now();
    const { streams, fileBytes } = await lens.status(tenant);
    const records = streams.reduce((sum, stream) => sum + stream.rows, 0);
    const facts = {
      records,
      loadMs: loaded - started,
      added,
      addMs: stored - loaded,
      catchUpMs: caughtUp - stored,
      lensBytes: fileBytes,
      storeBytes: stage.gantry.db.kind === 'pglite' ? await sizeOnDisk(join(dataDir, 'db')) : null,
    };
    const small = await addSmallTenants(stage.gantry, tenant, smallTenants);
    for (const each of small) await lens.catchUp(each.id);
    // The lens does this by itself some seconds after a load.
    await lens.release(tenant);
    return { stage, lensDir: join(dataDir, 'lens'), tenant, records, small, figures: () => figuresOf(facts), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* figuresOf(facts: {
  readonly records: number;
  readonly loadMs: number;
  readonly added: number;
  readonly addMs: number;
  readonly catchUpMs: number;
  readonly lensBytes: number;
  readonly storeBytes: number | null;
}): AsyncIterable<Figure> {
  const { records, loadMs, added, addMs, catchUpMs, lensBytes, storeBytes } = facts;
  const one = (name: string, unit: string, value: number): Figure =>
    figure({ bench: 'stage', case: `${name}, ${String(records)} records`, unit, samples: [value] });
  yield one('first load from the sandboxes', 'records/s', (records - added) / (loadMs / 1_000));
  if (added > 0) yield one('copies into the store', 'records/s', added / (addMs / 1_000));
  yield one('then until the lens has all', 's', catchUpMs / 1_000);
  yield one('lens file', 'MB', lensBytes / 1e6);
  if (storeBytes !== null) yield one('embedded database', 'MB', storeBytes / 1e6);
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
