import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Folders whose programs are built, and the programs. */
const SOURCES = ['src', 'sandbox', 'torture'];
const PROGRAMS = [
  'src/cli/main',
  'src/lens/host-main',
  'src/operations/code-thread',
  'src/store/pglite-worker',
  'sandbox/main',
  'torture/checker/main',
  'torture/proxy/main',
];
/** What `npm ci` made, where programs look for it beside themselves. */
const MADE = ['console', 'pglite'];
/** A program that runs may still start others from its folder; who works on the sources has many within a day. */
const KEPT_MS = 24 * 3_600_000;

/**
 * The programs of a checkout as plain JavaScript, which starts in a fifth of the
 * time that the sources take: a folder laid out as the tree, `src/cli/main.js`
 * and so on, made anew whenever a source is another. Null where it cannot be
 * made; the sources run then as they are.
 */
export async function builtPrograms(root = fileURLToPath(new URL('..', import.meta.url))) {
  try {
    const { files, hash } = await sourcesOf(root);
    const folder = join(root, 'dist/run', hash);
    if (!existsSync(folder)) await makePrograms(root, files, folder);
    return folder;
  } catch {
    return null;
  }
}

async function sourcesOf(root) {
  const hash = createHash('sha256').update(await readFile(new URL(import.meta.url)));
  const files = [];
  for (const top of SOURCES) {
    const names = (await readdir(join(root, top), { recursive: true })).toSorted();
    for (const name of names) {
      const facts = await stat(join(root, top, name));
      if (!facts.isFile()) continue;
      files.push(`${top}/${name}`);
      hash.update(`${top}/${name} ${facts.size} ${facts.mtimeMs}\n`);
    }
  }
  return { files, hash: hash.digest('hex').slice(0, 16) };
}

/** Under another name until it is whole: two may build at once, and one may be killed. */
async function makePrograms(root, files, folder) {
  const part = `${folder}.${randomBytes(4).toString('hex')}.part`;
  try {
    await mkdir(part, { recursive: true });
    await bundle({ root, programs: PROGRAMS, into: part, folder });
    for (const file of files.filter((each) => !/\.(ts|md)$/.test(each))) {
      await mkdir(dirname(join(part, file)), { recursive: true });
      await cp(join(root, file), join(part, file));
    }
    for (const made of MADE) await symlink(join('../..', made), join(part, made));
    await rename(part, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  await removeOld(dirname(folder), folder);
}

/** Bundles programs of `root`, each named by its path without `.ts`, into a folder that will be `folder` when they run. */
export async function bundle({ root, programs, into, folder }) {
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: programs.map((program) => `${program}.ts`),
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outbase: root,
    outdir: into,
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: 'linked',
    logLevel: 'silent',
    plugins: [stayingWhereTheyAre(root, folder)],
  });
}

/** A module that looks for files beside itself goes on looking there when it stands in another file. */
const stayingWhereTheyAre = (root, folder) => ({
  name: 'staying where they are',
  setup: (build) => {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const place = pathToFileURL(join(folder, relative(root, path).replace(/\.ts$/, '.js'))).href;
      return { loader: 'ts', contents: text.replaceAll('import.meta.url', JSON.stringify(place)) };
    });
  },
});

async function removeOld(runs, current) {
  for (const name of await readdir(runs)) {
    const path = join(runs, name);
    if (path === current) continue;
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}
