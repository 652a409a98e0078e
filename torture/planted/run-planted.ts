import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyTree, plant } from '../../scripts/planted-tree.ts';
import type { Planted } from '../report.ts';
import type { TortureDefect } from './defect.ts';
import { tortureDefects } from './defects.ts';

/** The cases have their turn on the tree as it is: red there, they would say nothing of a defect. */
export async function runPlanted(root: string, echo: (line: string) => void): Promise<Planted> {
  const tree = await copyTree();
  try {
    const names = [...new Set(tortureDefects.map((defect) => defect.case))];
    if ((await runCases(root, tree, names)) !== 'quiet') {
      echo(`red without any defect: one of ${names.join(', ')}`);
      return { tried: tortureDefects.length, caught: 0 };
    }
    let caught = 0;
    for (const defect of tortureDefects) {
      const outcome = await tried(root, tree, defect);
      echo(`${outcome === 'caught' ? 'noticed' : outcome.toUpperCase()} ${defect.name} (${defect.case})`);
      if (outcome === 'caught') caught += 1;
    }
    return { tried: tortureDefects.length, caught };
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function tried(root: string, tree: string, defect: TortureDefect): Promise<'caught' | 'missed' | 'stale'> {
  const restores: (() => Promise<void>)[] = [];
  try {
    for (const edit of defect.edits) {
      const planted = await plant(tree, edit);
      if ('stale' in planted) return 'stale';
      restores.push(planted.restore);
    }
    return (await runCases(root, tree, [defect.case])) === 'found' ? 'caught' : 'missed';
  } finally {
    for (const restore of restores.toReversed()) await restore();
  }
}

/** `found`: an invariant was broken. A run that does not come about proves nothing, and counts as `failed`. */
async function runCases(root: string, tree: string, names: readonly string[]): Promise<'found' | 'quiet' | 'failed'> {
  const words = [
    '--import',
    'tsx',
    join(tree, 'torture/main.ts'),
    ...names.flatMap((name) => ['--case', name]),
    '--seed',
    '1',
    '--json',
  ];
  const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await new Promise((resolve) => {
    child.once('close', resolve);
  });
  const line = out.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) return 'failed';
  return (JSON.parse(line) as { violations: number }).violations > 0 ? 'found' : 'quiet';
}
