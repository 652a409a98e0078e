import { inTrees, runInTree, withEdits } from '../../scripts/planted-tree.ts';
import type { Planted } from '../report.ts';
import type { TortureDefect } from './defect.ts';
import { tortureDefects } from './defects.ts';

/** Cases wait for answers more than they work: so many run beside each other. */
const LANES = 2;
/** A run that does not come about, because the machine had no room for it, is tried once more. */
const RUNS = 2;

/** Which of the defects; what is not said leaves none out. */
export interface Choice {
  /** Those that these cases have to notice; empty: all. */
  readonly cases: readonly string[];
  /** The second of six parts, in the order of the list: so that all of them can be seen in several goes. */
  readonly part: { readonly at: number; readonly of: number } | null;
  /** So many of what is left, drawn. */
  readonly only: number | null;
}

export interface PlantedOptions {
  readonly choice: Choice;
  readonly random: () => number;
  /** Wall clock (ms) after which none is begun any more. */
  readonly until: number;
  readonly echo: (line: string) => void;
}

/** Pure but for chance. A part has the defects of one case together, because each case runs once without any. */
export function chosenDefects({ cases, part, only }: Choice, random: () => number): readonly TortureDefect[] {
  const named = tortureDefects.filter((defect) => cases.length === 0 || cases.includes(defect.case));
  const order = [...new Set(named.map((defect) => defect.case))];
  const ofPart = named.filter(
    (defect) => part === null || order.indexOf(defect.case) % part.of === (part.at - 1) % part.of,
  );
  return only === null ? ofPart : drawn(ofPart, random, only);
}

/** `2/6`: the second of six parts. Null: no such thing. */
export function partOf(text: string): Choice['part'] {
  const [, at, of] = /^([1-9]\d?)\/([1-9]\d?)$/.exec(text) ?? [];
  return at === undefined || of === undefined || Number(at) > Number(of) ? null : { at: Number(at), of: Number(of) };
}

/**
 * Each defect in a copy of the tree, where its case must find a broken
 * invariant. The cases have their turn without any defect, too: red then, they
 * would say nothing.
 */
export async function runPlanted({ choice, random, until, echo }: PlantedOptions): Promise<Planted> {
  const chosen = chosenDefects(choice, random);
  const names = [...new Set(chosen.map((defect) => defect.case))];
  const red = new Set<string>();
  const caught: TortureDefect[] = [];
  const left: TortureDefect[] = [];
  const alone = async (tree: string, name: string): Promise<void> => {
    const outcome = await runCase(tree, name);
    if (outcome.kind === 'quiet') return echo(`quiet without a defect: ${name}`);
    red.add(name);
    echo(`red without any defect: ${name} (${outcome.kind})${toldOf(outcome)}`);
  };
  const planted = async (tree: string, defect: TortureDefect): Promise<void> => {
    const startedAt = performance.now();
    const outcome = await tried(tree, defect);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    const what =
      outcome.kind === 'found' ? 'noticed' : outcome.kind === 'quiet' ? 'MISSED' : outcome.kind.toUpperCase();
    echo(`${what} ${defect.name} (${defect.case}, ${seconds} s)${toldOf(outcome)}`);
    if (outcome.kind === 'found') caught.push(defect);
  };
  // A case right before its defects: what the time was too short for is whole cases, as far as may be.
  const tasks = names.flatMap((name) => [
    async (tree: string) => (Date.now() < until ? alone(tree, name) : undefined),
    ...chosen
      .filter((defect) => defect.case === name)
      .map((defect) => async (tree: string) => {
        if (Date.now() < until) return planted(tree, defect);
        left.push(defect);
      }),
  ]);
  await inTrees(LANES, tasks);
  return {
    tried: chosen.length - left.length,
    caught: caught.filter((defect) => !red.has(defect.case)).length,
    left: left.map((defect) => `defect "${defect.name}" (--planted --case ${defect.case}): the time was up`),
  };
}

function drawn(defects: readonly TortureDefect[], random: () => number, count: number): readonly TortureDefect[] {
  return defects
    .map((defect) => ({ defect, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ defect }) => defect);
}

/** `found`: an invariant was broken. A run that does not come about proves nothing, and counts as `failed`. */
type Outcome =
  | { readonly kind: 'found' | 'quiet' | 'stale' }
  | { readonly kind: 'failed'; /** What it said last. */ readonly told: string };

const toldOf = (outcome: Outcome): string => (outcome.kind === 'failed' ? `\n${outcome.told}` : '');

async function tried(tree: string, defect: TortureDefect): Promise<Outcome> {
  const outcome = await withEdits(tree, defect.edits, () => runCase(tree, defect.case));
  return outcome === 'stale' ? { kind: 'stale' } : outcome;
}

async function runCase(tree: string, name: string): Promise<Outcome> {
  const words = ['--case', name, '--seed', '1', '--impatient', '--json'];
  let told = '';
  for (let runs = 0; runs < RUNS; runs += 1) {
    const ran = await runInTree(tree, 'torture/main.ts', words);
    if (ran.line.startsWith('{'))
      return { kind: (JSON.parse(ran.line) as { violations: number }).violations > 0 ? 'found' : 'quiet' };
    told = ran.told.slice(-TOLD);
  }
  return { kind: 'failed', told };
}

const TOLD = 600;
