import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPglite, openPostgres, type Db } from '../src/store/index.ts';
import { startPostgres } from '../test/support/postgres.ts';
import type { Figure } from './figure.ts';

/** The same figures of an embedded database in a folder, and of a PostgreSQL; both empty, and gone afterwards. */
export async function* onBothStores(measure: (db: Db, store: string) => AsyncIterable<Figure>): AsyncIterable<Figure> {
  const dir = await mkdtemp(join(tmpdir(), 'gantry-bench-store-'));
  const embedded = await openPglite({ dataDir: join(dir, 'db') });
  try {
    yield* measure(embedded, 'PGlite');
  } finally {
    await embedded.close();
    await rm(dir, { recursive: true, force: true });
  }
  const server = await startPostgres();
  const db = await openPostgres({ connectionString: server.url });
  try {
    yield* measure(db, `PostgreSQL ${server.version}`);
  } finally {
    await db.close();
    await server.stop();
  }
}
