import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyTree, plant } from '../../scripts/planted-tree.ts';
import type { SecurityDefect } from './defect.ts';
import { securityDefects } from './defects.ts';

export interface Planted {
  readonly tried: number;
  readonly caught: number;
}

/** Suites wait for answers about as much as they work: so many run beside each other. */
const LANES = 2;

/**
 * Each defect in a copy of the tree, where its suite must fail. Suites are not
 * run without a defect here: that is what the run before was. `suites`: only
 * those of these; none named: those that are noticed in seconds.
 */
export async function runPlanted({
  suites,
  echo,
}: {
  readonly suites: readonly string[];
  readonly echo: (line: string) => void;
}): Promise<Planted> {
  const chosen = securityDefects.filter(({ suite, slow }) =>
    suites.length === 0 ? slow !== true : suites.includes(suite),
  );
  const queue = [...chosen];
  let caught = 0;
  await Promise.all(
    Array.from({ length: Math.min(LANES, queue.length) }, async () => {
      const tree = await copyTree();
      try {
        for (let defect = queue.shift(); defect !== undefined; defect = queue.shift()) {
          const outcome = await tried(tree, defect);
          echo(`${outcome === 'found' ? 'noticed' : outcome.toUpperCase()} ${defect.name} (${defect.suite})`);
          if (outcome === 'found') caught += 1;
        }
      } finally {
        await rm(tree, { recursive: true, force: true });
      }
    }),
  );
  return { tried: chosen.length, caught };
}

/** `failed`: the run did not come about, which proves nothing. `stale`: the defect cannot be planted any more. */
type Outcome = 'found' | 'missed' | 'failed' | 'stale';

async function tried(tree: string, defect: SecurityDefect): Promise<Outcome> {
  const restores: (() => Promise<void>)[] = [];
  try {
    for (const edit of defect.edits) {
      const planted = await plant(tree, edit);
      if ('stale' in planted) return 'stale';
      restores.push(planted.restore);
    }
    return await runSuite(tree, defect.suite);
  } finally {
    for (const restore of restores.toReversed()) await restore();
  }
}

async function runSuite(tree: string, suite: string): Promise<Outcome> {
  const words = [
    '--import',
    'tsx',
    join(tree, 'security/main.ts'),
    '--suite',
    suite,
    '--seed',
    '1',
    '--impatient',
    '--json',
  ];
  const child = spawn(process.execPath, words, { cwd: tree, stdio: ['ignore', 'pipe', 'pipe'] });
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
  const line = out.trim().split('\n').at(-1) ?? '';
  // A suite that broke off looks like one that failed.
  if (!line.startsWith('{') || told.includes('the suite broke')) return 'failed';
  return (JSON.parse(line) as { ok: boolean }).ok ? 'missed' : 'found';
}
