import { setOutboundProxy, setTrustedOrigins, systemClock, systemRandom } from '../kernel/index.ts';
import { migrate, openDb } from '../store/index.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compose } from './compose.ts';
import type { Gantry, GantryOptions } from './gantry.ts';

/** Opens and migrates the database. Raises the store's errors (`store_locked`, `store_unavailable` ...). */
export async function openGantry(options: GantryOptions): Promise<Gantry> {
  const { config, emit, clock = systemClock, random = systemRandom, lensRole = 'alone' } = options;
  setOutboundProxy(config.outboundProxy);
  setTrustedOrigins([...config.loginUrls.values(), ...(config.identity?.issuers ?? []).map(({ jwksUri }) => jwksUri)]);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const db = await openDb({
    ...(config.databaseUrl === null ? {} : { databaseUrl: config.databaseUrl }),
    dataDir: join(config.dataDir, 'db'),
  });
  try {
    await migrate(db);
    return await compose({ ...options, clock, random, lensRole, db, emit });
  } catch (error) {
    await db.close();
    throw error;
  }
}
