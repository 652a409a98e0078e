/**
 * Turns each planted defect on, alone, in a copy of the tree, and fails unless
 * its suite then fails: a suite that stays green with the defect in place
 * proves nothing. `npm run planted -- [words of a name]`; `--list` names them,
 * `--tests-passed` spares running each suite without a defect first, where
 * `npm test` has just done that; `--turn 6` takes a sixth of them, other ones
 * with each commit: all of them take an hour.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { PlantedDefect } from '../test/planted/types.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { inTrees, plant } from './planted-tree.ts';

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

/** Where suites run, and the database server that all of them share: starting one takes longer than many of them. */
interface Ground {
  readonly tree: string;
  readonly databaseUrl: string;
}

function run({ tree: cwd, databaseUrl }: Ground, suite: string): Promise<{ code: number; output: string }> {
  const script = suite.startsWith('npm:') ? suite.slice('npm:'.length) : null;
  const [command, args] = script
    ? ['npm', ['run', '--silent', script]]
    : [process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', suite, '--bail', '1', ...quick]];
  const env = { ...process.env, CI: 'true', ...(databaseUrl === '' ? {} : { DATABASE_URL: databaseUrl }) };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Modules as they were transformed, known by their text: of a tree, only what a defect touches is transformed again. */
const quick = ['--experimental.fsModuleCache', '--experimental.fsModuleCachePath', '.modules'];

/** Trees at once, one more than there are cores: suites wait for child processes much of their time. */
const LANES = 3;

interface Suite {
  readonly suite: string;
  readonly defects: readonly PlantedDefect[];
  /** It has just been seen green. */
  readonly passed: boolean;
}

/** A suite of races and random cases may come upon a defect only sometimes: told, so that somebody gives it a case that is certain. */
const TRIES = 3;

/** How many runs it took; null: it stayed green. */
async function triesUntilRed(ground: Ground, suite: string): Promise<number | null> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    if ((await run(ground, suite)).code !== 0) return tries;
  }
  return null;
}

async function plantAll(ground: Ground, { suite, defects, passed }: Suite): Promise<number> {
  let failures = 0;
  // A suite must be green before, or its red says nothing.
  if (!passed) {
    const { code, output } = await run(ground, suite);
    if (code !== 0) {
      console.log(`${suite} is red without any defect:\n${output.slice(-2_000)}`);
      return 1;
    }
  }
  for (const defect of defects) {
    const planted = await plant(ground.tree, defect);
    if ('stale' in planted) {
      console.log(`STALE   ${defect.name}: ${planted.stale}`);
      failures += 1;
      continue;
    }
    const tries = await triesUntilRed(ground, defect.suite);
    await planted.restore();
    const often = tries !== null && tries > 1 ? `, at try ${String(tries)}` : '';
    console.log(`${tries === null ? 'MISSED ' : 'noticed'} ${defect.name} (${defect.suite}${often})`);
    if (tries === null) failures += 1;
  }
  return failures;
}

/** Those whose turn it is, by the commit: over some commits every defect has had its turn, but those of slow suites. */
async function inTurn(defects: readonly PlantedDefect[], turns: number): Promise<PlantedDefect[]> {
  const { stdout: commit } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: root });
  const isTaken = ({ name, slow }: PlantedDefect): boolean =>
    slow !== true && createHash('sha256').update(`${commit.trim()} ${name}`).digest().readUInt32BE() % turns === 0;
  return defects.filter(isTaken);
}

async function main(): Promise<number> {
  const { values, positionals: words } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean' }, 'tests-passed': { type: 'boolean' }, turn: { type: 'string' } },
  });
  const testsPassed = values['tests-passed'] === true;
  const all = await loadDefects();
  if (values.list === true) {
    for (const defect of all) console.log(`${defect.suite}  ${defect.name}`);
    return 0;
  }
  const meant = all.filter((defect) => words.every((word) => `${defect.name} ${defect.suite}`.includes(word)));
  const defects = values.turn === undefined ? meant : await inTurn(meant, Number(values.turn));
  const suites = [...new Set(defects.map(({ suite }) => suite))].map((suite): Suite => ({
    suite,
    defects: defects.filter((defect) => defect.suite === suite),
    passed: testsPassed && !suite.startsWith('npm:'),
  }));
  const server = await startPostgres().catch(() => null);
  try {
    const databaseUrl = server?.url ?? '';
    let failures = 0;
    const tasks = suites.map((suite) => async (tree: string) => {
      const count = await plantAll({ tree, databaseUrl }, suite);
      failures += count;
    });
    await inTrees(LANES, tasks);
    console.log(`${String(defects.length)} planted, ${String(failures)} not noticed`);
    return failures === 0 && defects.length > 0 ? 0 : 1;
  } finally {
    await server?.stop();
  }
}

process.exitCode = await main();
