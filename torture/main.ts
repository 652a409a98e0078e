/**
 * `npm run torture`, with the words of USAGE: real processes, real systems,
 * everything that can go wrong, and a checker afterwards. Ends with 1 where an
 * invariant was broken or a planted defect went unnoticed. With `--json` the
 * last line of stdout is a Summary.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.ts';
import { partOf, runPlanted } from './planted/run-planted.ts';
import { seeded } from './proxy/random.ts';
import { counterexample, grid, notRun, summaryOf } from './report.ts';
import { emptyResult } from './result.ts';
import { runTorture } from './run.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const QUICK_MINUTES = 4.4;
/** Planted in a quick run; another choice with another seed. */
const QUICK_DEFECTS = 3;
const USAGE = `npm run torture -- [--seed S] [--minutes M] [--quick] [--case NAME]... [--impatient] [--json]
npm run torture -- --planted [--case NAME]... [--part 2/6] [--minutes M] [--seed S] [--json]
npm run torture -- --quick --planted [--seed S] [--json]`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string' },
    quick: { type: 'boolean', default: false },
    case: { type: 'string', multiple: true, default: [] },
    planted: { type: 'boolean', default: false },
    part: { type: 'string' },
    impatient: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
  const minutes = values.minutes === undefined ? QUICK_MINUTES : Number(values.minutes);
  const unknown = values.case.filter((name) => !cases.some((each) => each.name === name));
  const part = values.part === undefined ? null : partOf(values.part);
  const isOfDefects = values.planted && !values.quick;
  const isOdd = values.part !== undefined && (part === null || !isOfDefects);
  if (!Number.isInteger(seed) || !(minutes > 0) || unknown.length > 0 || isOdd) {
    console.error(USAGE);
    for (const { name, rows } of cases) console.error(`  ${name.padEnd(18)} ${rows.join(' ')}`);
    return 2;
  }
  const echo = (line: string): void => console.error(line);
  if (isOfDefects) {
    const until = values.minutes === undefined ? Infinity : Date.now() + minutes * 60_000;
    const choice = { cases: values.case, part, only: null };
    const planted = await runPlanted({ choice, random: seeded(seed), until, echo });
    for (const text of planted.left) echo(`not run: ${text}`);
    return told(summaryOf(emptyResult(), [], planted));
  }
  echo(`seed ${String(seed)}`);
  const { result, points, dir } = await runTorture({
    root,
    seed,
    minutes,
    quick: values.quick || values.minutes === undefined,
    cases: values.case,
    impatient: values.impatient,
    echo,
  });
  const choice = { cases: [], part: null, only: QUICK_DEFECTS };
  const planted = values.planted
    ? await runPlanted({ choice, random: seeded(seed), until: Infinity, echo })
    : { tried: 0, caught: 0, left: [] };
  const summary = summaryOf(result, points, planted);
  for (const text of grid(result)) echo(text);
  echo(
    `Slowest convergence ${(result.slowestMs / 1_000).toFixed(1)} s; ${String(summary.crash_points.covered)} of ${String(summary.crash_points.total)} crash points; seed ${String(seed)}`,
  );
  for (const text of notRun(result)) echo(`not run: ${text}`);
  for (const { invariant, what, after } of result.violations.slice(0, 20))
    echo(`${invariant} broken after ${after}: ${what}`);
  for (const text of counterexample(result)) echo(text);
  if (result.violations.length === 0) await rm(dir, { recursive: true, force: true });
  else echo(`Logs: ${dir}; again: npm run torture -- --seed ${String(seed)} --minutes ${String(minutes)}`);
  return told(summary);
}

function told(summary: ReturnType<typeof summaryOf>): number {
  if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.ok ? 0 : 1;
}

process.exitCode = await main();
