import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const copied = ['src', 'sandbox', 'test', 'bench', 'scripts', 'torture', 'security', 'examples', 'docs', 'bin'];
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

/** The defect in place, or the reason why it cannot be planted any more. */
export async function plant(
  tree: string,
  defect: { readonly file: string; readonly find: string; readonly replace: string },
): Promise<{ restore: () => Promise<void> } | { stale: string }> {
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
