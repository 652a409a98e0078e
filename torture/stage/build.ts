import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The programs of a tree, each as one file: they start in a third of the time, and a rehearsal starts hundreds. */
export interface Built {
  /** `gantry`. */
  readonly gantry: string;
  readonly checker: string;
  readonly proxy: string;
  remove(): Promise<void>;
}

/** Files that the programs read beside their own code. */
const BESIDE = /\.(sql|yaml|proto)$/;
const PROGRAMS = [
  'src/cli/main.js',
  'src/lens/host-main.js',
  'src/store/pglite-worker.js',
  'torture/checker/main.js',
  'torture/proxy/main.js',
];

/** Types are not looked at: that is what `npm run types` is for. */
export async function build(root: string): Promise<Built> {
  const dir = await mkdtemp(join(tmpdir(), 'gantry-built-'));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
    await writeFile(join(dir, 'package.json'), '{"type":"module"}');
    const config = {
      extends: join(root, 'tsconfig.base.json'),
      include: [join(root, 'src/**/*.ts'), join(root, 'torture/**/*.ts')],
      compilerOptions: {
        composite: false,
        declaration: false,
        declarationMap: false,
        sourceMap: false,
        noCheck: true,
        rootDir: root,
        outDir: dir,
      },
    };
    await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(config));
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', dir], { cwd: dir });
    const files = await readdir(join(root, 'src'), { recursive: true });
    for (const file of files.filter((each) => BESIDE.test(each)))
      await cp(join(root, 'src', file), join(dir, 'src', file));
    await bundle(dir);
    if (existsSync(join(root, 'dist/pglite')))
      await cp(join(root, 'dist/pglite'), join(dir, 'pglite'), { recursive: true });
    return {
      gantry: join(dir, 'src/cli/main.js'),
      checker: join(dir, 'torture/checker/main.js'),
      proxy: join(dir, 'torture/proxy/main.js'),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What a program needs goes into its file, but for what is not JavaScript. */
async function bundle(dir: string): Promise<void> {
  for (const file of await readdir(join(dir, 'src'), { recursive: true })) {
    if (file.endsWith('.js')) await nailDown(join(dir, 'src', file));
  }
  const words = [
    ...PROGRAMS.map((program) => join(dir, program)),
    '--bundle',
    `--outbase=${dir}`,
    `--outdir=${dir}`,
    '--allow-overwrite',
    '--platform=node',
    '--format=esm',
    '--external:@duckdb/*',
    '--external:@electric-sql/*',
    '--external:pg-native',
    // Packages of the older kind ask for what Node brings.
    "--banner:js=import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
    '--minify-whitespace',
    '--minify-syntax',
    '--log-level=error',
  ];
  await run(ESBUILD, words, { cwd: dir });
}

/** It comes with tsx, which runs the sources. */
const ESBUILD = createRequire(createRequire(import.meta.url).resolve('tsx')).resolve('esbuild/bin/esbuild');

/** A module that looks for files beside itself goes on looking there when it stands in another file. */
async function nailDown(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  if (!text.includes('import.meta.url')) return;
  await writeFile(path, text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)));
}
