import { createLog, openGantry, readConfig, type Environment, type Gantry } from '../app/index.ts';
import { systemRandom } from '../kernel/index.ts';

/** Opens the database for one command and closes it whatever happens. */
export async function withGantry<Result>(env: Environment, work: (gantry: Gantry) => Promise<Result>): Promise<Result> {
  const config = await readConfig(env, systemRandom);
  const gantry = await openGantry({ config, emit: createLog(env['GANTRY_LOG_LEVEL'] ?? 'warn') });
  try {
    return await work(gantry);
  } finally {
    await gantry.close();
  }
}
