/** Makes a new embedded database once, packed, so that nobody waits for it again: see src/store/pglite-newborn.ts. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { migrate, openPglite } from '../src/store/index.ts';
import { newbornName } from '../src/store/pglite-newborn.ts';

const folder = fileURLToPath(new URL('../dist/pglite/', import.meta.url));
const place = await mkdtemp(join(tmpdir(), 'gantry-newborn-'));
try {
  const db = await openPglite({ dataDir: place, bare: true });
  await migrate(db);
  await db.close();
  const database = await PGlite.create({ dataDir: join(place, 'postgres') });
  const packed = await database.dumpDataDir('gzip');
  await database.close();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const path = join(folder, await newbornName());
  await writeFile(`${path}.part`, Buffer.from(await packed.arrayBuffer()));
  await rename(`${path}.part`, path);
} finally {
  await rm(place, { recursive: true, force: true });
}
