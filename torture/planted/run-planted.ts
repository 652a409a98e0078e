import { inTrees, runInTree, withEdits } from '../../scripts/planted-tree.ts';
import type { Planted } from '../report.ts';
import type { TortureDefect } from './defect.ts';
import { tortureDefects } from './defects.ts';

/** Cases wait for answers more than they work: so many run beside each other. */
const LANES = 2;

/**
 * Each defect in a copy of the tree, where its case must find a broken
 * invariant. The cases have their turn without any defect, too: red then, they
 * would say nothing. `only`: of how many; null: of all.
 */
export async function runPlanted({
  random,
  only,
  echo,
}: {
  readonly random: () => number;
  readonly only: number | null;
  readonly echo: (line: string) => void;
}): Promise<Planted> {
  const chosen = only === null ? tortureDefects : drawn(random, only);
  const names = [...new Set(chosen.map((defect) => defect.case))];
  const red = new Set<string>();
  const caught: TortureDefect[] = [];
  const tasks: ((tree: string) => Promise<void>)[] = [
    ...names.map((name) => async (tree: string) => {
      const outcome = await runCase(tree, name);
      if (outcome === 'quiet') return echo(`quiet without a defect: ${name}`);
      red.add(name);
      echo(`red without any defect: ${name} (${outcome})`);
    }),
    ...chosen.map((defect) => async (tree: string) => {
      const startedAt = performance.now();
      const outcome = await tried(tree, defect);
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
      echo(`${outcome === 'caught' ? 'noticed' : outcome.toUpperCase()} ${defect.name} (${defect.case}, ${seconds} s)`);
      if (outcome === 'caught') caught.push(defect);
    }),
  ];
  await inTrees(LANES, tasks);
  return { tried: chosen.length, caught: caught.filter((defect) => !red.has(defect.case)).length };
}

function drawn(random: () => number, count: number): TortureDefect[] {
  return tortureDefects
    .map((defect) => ({ defect, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ defect }) => defect);
}

type Outcome = 'found' | 'quiet' | 'failed';

async function tried(tree: string, defect: TortureDefect): Promise<'caught' | 'missed' | 'failed' | 'stale'> {
  const outcome = await withEdits(tree, defect.edits, () => runCase(tree, defect.case));
  return outcome === 'found' ? 'caught' : outcome === 'quiet' ? 'missed' : outcome;
}

/** `found`: an invariant was broken. A run that does not come about proves nothing, and counts as `failed`. */
async function runCase(tree: string, name: string): Promise<Outcome> {
  const words = ['--case', name, '--seed', '1', '--impatient', '--json'];
  const { line } = await runInTree(tree, 'torture/main.ts', words);
  if (!line.startsWith('{')) return 'failed';
  return (JSON.parse(line) as { violations: number }).violations > 0 ? 'found' : 'quiet';
}
