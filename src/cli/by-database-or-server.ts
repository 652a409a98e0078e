import type { Environment, Gantry } from '../app/index.ts';
import { GantryError } from '../kernel/index.ts';
import { withGantry } from './with-gantry.ts';

/**
 * Works on the database, so that it needs no server; where a running one has
 * the embedded database for itself, that one is asked, if its key is known.
 */
export async function byDatabaseOrServer<Result>(
  env: Environment,
  onDatabase: (gantry: Gantry) => Promise<Result>,
  atServer: () => Promise<Result>,
): Promise<Result> {
  try {
    return await withGantry(env, onDatabase);
  } catch (error) {
    const isServers = error instanceof GantryError && error.code === 'store_locked';
    if (isServers && (env['GANTRY_OPERATOR_KEY'] ?? '') !== '') return atServer();
    throw error;
  }
}
