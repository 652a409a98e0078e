import { join } from 'node:path';
import { builtPrograms } from '../../bin/built.js';

/** The programs of a tree as built files: they start in a fifth of the time, and a rehearsal starts hundreds. */
export interface Built {
  /** `gantry`. */
  readonly gantry: string;
  readonly checker: string;
  readonly proxy: string;
}

export async function build(root: string): Promise<Built> {
  const folder = await builtPrograms(root);
  if (folder === null)
    throw new Error(`the programs of ${root} could not be built: do the sources compile, and may dist/ be written?`);
  return {
    gantry: join(folder, 'src/cli/main.js'),
    checker: join(folder, 'torture/checker/main.js'),
    proxy: join(folder, 'torture/proxy/main.js'),
  };
}
