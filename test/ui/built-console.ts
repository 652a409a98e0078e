import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../ui', import.meta.url));
const page = fileURLToPath(new URL('../../dist/console/index.html', import.meta.url));

/** Builds the console, unless `npm ci` did and no source of it changed since: suites beside this one are served from it. */
export async function buildConsole(): Promise<void> {
  const built = await stat(page).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  const names = await readdir(root, { recursive: true });
  const changed = await Promise.all(names.map(async (name) => (await stat(join(root, name))).mtimeMs));
  if (Math.max(...changed) >= built) await build({ root, logLevel: 'silent' });
}
