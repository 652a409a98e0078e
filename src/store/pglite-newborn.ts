import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMigrations } from './migrate.ts';

/** In a checkout, and beside the built sources. */
const folders = ['../../dist/pglite/', '../../pglite/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/**
 * A new database with this program's tables, packed by `scripts/prepare-store.ts`
 * after `npm ci`: making one takes seconds of processor time, unpacking one a
 * fraction of that. Undefined where none was packed for just this PGlite and
 * these migrations; each is made from nothing then, and is the same.
 */
export async function findNewborn(): Promise<string | undefined> {
  const name = await newbornName();
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** File name of the packed database of the installed PGlite and of these migrations. */
export async function newbornName(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const facts = JSON.parse(await readFile(join(dirname(entry), '../package.json'), 'utf8')) as { version: string };
  const texts = (await readMigrations()).map(({ name, text }) => `${name}\n${text}`);
  const migrations = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 12);
  return `new-${facts.version}-${migrations}.tar.gz`;
}
