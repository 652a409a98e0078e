import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { bundle } from '../../bin/built.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A program of the tests (`./name.ts` beside the calling module) as words for
 * Node: built, as those of the tree, since a suite starts it many times.
 */
export async function programOf(name: string, importerUrl: string): Promise<readonly string[]> {
  const path = fileURLToPath(new URL(name, importerUrl));
  const built = inject('built');
  if (built === null) return ['--import', 'tsx', path];
  const program = relative(root, path).replace(/\.ts$/, '');
  // A folder for each caller: suites beside this one may be building it, too.
  const own = `tests/${String(process.pid)}`;
  await bundle({ root, programs: [program], into: `${built}/${own}`, folder: built });
  return [`${built}/${own}/${program}.js`];
}
