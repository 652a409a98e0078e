import { inTrees, runInTree, withEdits } from '../../scripts/planted-tree.ts';
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
  let caught = 0;
  await inTrees(
    LANES,
    chosen.map(({ name, suite, edits, words = [] }) => async (tree) => {
      const outcome = await withEdits(tree, edits, () => runSuite(tree, suite, words));
      echo(`${outcome === 'found' ? 'noticed' : outcome.toUpperCase()} ${name} (${suite})`);
      if (outcome === 'found') caught += 1;
    }),
  );
  return { tried: chosen.length, caught };
}

/** `failed`: the run did not come about, which proves nothing. */
type Outcome = 'found' | 'missed' | 'failed';

async function runSuite(tree: string, suite: string, more: readonly string[]): Promise<Outcome> {
  const words = ['--suite', suite, '--seed', '1', '--impatient', '--json', ...more];
  const { line, told } = await runInTree(tree, 'security/main.ts', words);
  // A suite that broke off looks like one that failed.
  if (!line.startsWith('{') || told.includes('the suite broke')) return 'failed';
  return (JSON.parse(line) as { ok: boolean }).ok ? 'missed' : 'found';
}
