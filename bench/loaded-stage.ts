import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStage, type Stage } from '../examples/renewals/stage/open-stage.ts';

export interface LoadedStage {
  readonly stage: Stage;
  readonly lensDir: string;
  readonly records: number;
  close(): Promise<void>;
}

/** The example with everything loaded through the real path, provider limits lifted: the load is not what is measured. */
export async function loadedStage(scale: number): Promise<LoadedStage> {
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
    const tenant = await stage.gantry.callers.find(stage.agentKey);
    if (tenant === null) throw new Error('the agent has no access');
    await stage.gantry.lens.catchUp(tenant.caller.tenant);
    const { streams } = await stage.gantry.lens.status(tenant.caller.tenant);
    const records = streams.reduce((sum, stream) => sum + stream.rows, 0);
    return { stage, lensDir: join(dataDir, 'lens'), records, close };
  } catch (error) {
    await close();
    throw error;
  }
}
