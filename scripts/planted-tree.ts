import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const copied = ['src', 'sandbox', 'ui', 'test', 'bench', 'scripts', 'torture', 'security', 'examples', 'docs', 'bin'];
const copiedFiles = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'vitest.config.ts',
  '.oxlintrc.json',
  '.prettierrc.json',
  '.prettierignore',
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'LICENSE',
];

/** Everything that suites need, beside the packages of this tree. */
export async function copyTree(): Promise<string> {
  const target = await mkdtemp(join(tmpdir(), 'gantry-planted-'));
  for (const folder of copied) await cp(join(root, folder), join(target, folder), { recursive: true });
  for (const file of copiedFiles) await cp(join(root, file), join(target, file));
  await symlink(join(root, 'node_modules'), join(target, 'node_modules'));
  return target;
}

/** A text of a file, which stands there once, and what stands there instead. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The defect in place, or the reason why it cannot be planted any more. */
export async function plant(tree: string, defect: Edit): Promise<{ restore: () => Promise<void> } | { stale: string }> {
  const path = join(tree, defect.file);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return { stale: `${defect.file} does not exist` };
  const places = text.split(defect.find).length - 1;
  if (places !== 1) return { stale: `its text stands ${String(places)} times in ${defect.file}, not once` };
  await writeFile(
    path,
    text.replace(defect.find, () => defect.replace),
  );
  return { restore: () => writeFile(path, text) };
}

/** Takes task after task, so many beside each other, each lane in a tree of its own that goes with it. */
export async function inTrees(lanes: number, tasks: readonly ((tree: string) => Promise<void>)[]): Promise<void> {
  const queue = [...tasks];
  await Promise.all(
    Array.from({ length: Math.min(lanes, queue.length) }, async () => {
      const tree = await copyTree();
      try {
        for (let task = queue.shift(); task !== undefined; task = queue.shift()) await task(tree);
      } finally {
        await rm(tree, { recursive: true, force: true });
      }
    }),
  );
}

/** What `work` finds while all the edits are in place; `stale`: one cannot be made any more. The tree is as before afterwards. */
export async function withEdits<Found>(
  tree: string,
  edits: readonly Edit[],
  work: () => Promise<Found>,
): Promise<Found | 'stale'> {
  const restores: (() => Promise<void>)[] = [];
  try {
    for (const edit of edits) {
      const planted = await plant(tree, edit);
      if ('stale' in planted) return 'stale';
      restores.push(planted.restore);
    }
    return await work();
  } finally {
    for (const restore of restores.toReversed()) await restore();
  }
}

/** A program of the tree with these words: the last line that it printed, and all that it told beside. Ends with this process. */
export async function runInTree(
  tree: string,
  program: string,
  words: readonly string[],
): Promise<{ readonly line: string; readonly told: string }> {
  const args = ['--import', 'tsx', join(tree, program), ...words];
  const child = spawn(process.execPath, args, { cwd: tree, stdio: ['ignore', 'pipe', 'pipe'] });
  // It would outlive this one, and so would its servers.
  const give = (): void => void child.kill('SIGTERM');
  process.once('SIGTERM', give);
  process.once('SIGINT', give);
  let [out, told] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await new Promise((resolve) => {
    child.once('close', resolve);
  });
  process.off('SIGTERM', give);
  process.off('SIGINT', give);
  return { line: out.trim().split('\n').at(-1) ?? '', told };
}
