/**
 * Turns each planted defect on, alone, in a copy of the tree, and fails unless
 * its suite then fails: a suite that stays green with the defect in place
 * proves nothing. `npm run planted -- [words of a name]`; `--list` names them,
 * `--tests-passed` spares running each suite without a defect first, where
 * `npm test` has just done that.
 */
import { spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PlantedDefect } from '../test/planted/types.ts';
import { copyTree, plant } from './planted-tree.ts';

const root = new URL('..', import.meta.url).pathname;
async function loadDefects(): Promise<PlantedDefect[]> {
  const folder = join(root, 'test/planted');
  const defects: PlantedDefect[] = [];
  for (const file of (await readdir(folder)).toSorted()) {
    if (!file.endsWith('.ts') || file === 'types.ts') continue;
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, readonly PlantedDefect[]>;
    for (const list of Object.values(module)) defects.push(...list);
  }
  return defects;
}

function run(cwd: string, suite: string): Promise<{ code: number; output: string }> {
  const script = suite.startsWith('npm:') ? suite.slice('npm:'.length) : null;
  const [command, args] = script
    ? ['npm', ['run', '--silent', script]]
    : [process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', suite, '--bail', '1']];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, CI: 'true' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** A suite must be green before, or its red says nothing; asked once per suite. */
async function brokenSuites(tree: string, suites: ReadonlySet<string>): Promise<Set<string>> {
  const broken = new Set<string>();
  for (const suite of suites) {
    const { code, output } = await run(tree, suite);
    if (code === 0) continue;
    console.log(`${suite} is red without any defect:\n${output.slice(-2_000)}`);
    broken.add(suite);
  }
  return broken;
}

/** Trees at once: suites wait for child processes most of their time. */
const LANES = 2;

/** Plants the defects of some suites one after the other in a tree of its own; returns how many went unnoticed. */
async function plantAll(defects: readonly PlantedDefect[], testsPassed: boolean): Promise<number> {
  const tree = await copyTree();
  try {
    const suites = new Set(
      defects.map(({ suite }) => suite).filter((suite) => !testsPassed || suite.startsWith('npm:')),
    );
    const broken = await brokenSuites(tree, suites);
    let failures = broken.size;
    for (const defect of defects.filter(({ suite }) => !broken.has(suite))) {
      const planted = await plant(tree, defect);
      if ('stale' in planted) {
        console.log(`STALE   ${defect.name}: ${planted.stale}`);
        failures += 1;
        continue;
      }
      const { code } = await run(tree, defect.suite);
      await planted.restore();
      console.log(`${code === 0 ? 'MISSED ' : 'noticed'} ${defect.name} (${defect.suite})`);
      if (code === 0) failures += 1;
    }
    return failures;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const words = args.filter((word) => !word.startsWith('--'));
  const testsPassed = args.includes('--tests-passed');
  const all = await loadDefects();
  if (args.includes('--list')) {
    for (const defect of all) console.log(`${defect.suite}  ${defect.name}`);
    return 0;
  }
  const defects = all.filter((defect) => words.every((word) => `${defect.name} ${defect.suite}`.includes(word)));
  const suites = [...new Set(defects.map((defect) => defect.suite))];
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    defects.filter((defect) => suites.indexOf(defect.suite) % LANES === lane),
  );
  const failures = (await Promise.all(lanes.map((lane) => plantAll(lane, testsPassed)))).reduce(
    (sum, count) => sum + count,
    0,
  );
  console.log(`${String(defects.length)} planted, ${String(failures)} not noticed`);
  return failures === 0 && defects.length > 0 ? 0 : 1;
}

process.exitCode = await main();
