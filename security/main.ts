/**
 * `npm run security -- [--suite NAME]... [--seed S] [--users N] [--rounds N] [--planted] [--json]`:
 * attacks of every kind against the real thing. Ends with 1 where one came
 * through or a planted defect went unnoticed. With `--json` the last line of
 * stdout is `{"ok","suites":{name:{"tried","failed"}},"planted":{"tried","caught"}}`.
 */
import { parseArgs } from 'node:util';
import { runPlanted } from './planted/run-planted.ts';
import { runSuites } from './run-suites.ts';
import { suites } from './suites.ts';
import { summaryOf } from './summary.ts';

const USAGE = 'npm run security -- [--suite NAME]... [--seed S] [--users N] [--rounds N] [--planted] [--json]';

const { values } = parseArgs({
  options: {
    suite: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string' },
    users: { type: 'string' },
    rounds: { type: 'string' },
    planted: { type: 'boolean', default: false },
    impatient: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
  const [users, rounds] = [values.users, values.rounds].map((text) => (text === undefined ? null : Number(text)));
  const unknown = values.suite.filter((name) => !suites.some((suite) => suite.name === name));
  const whole = [seed, users ?? 1, rounds ?? 1].every((number) => Number.isInteger(number) && number >= 0);
  if (unknown.length > 0 || !whole) {
    console.error(USAGE);
    for (const { name, what } of suites) console.error(`  ${name.padEnd(14)} ${what}`);
    return 2;
  }
  const echo = (line: string): void => console.error(line);
  echo(`seed ${String(seed)}`);
  const chosen = suites.filter(({ name }) => values.suite.length === 0 || values.suite.includes(name));
  const results = await runSuites(chosen, {
    seed,
    users: users ?? null,
    rounds: rounds ?? null,
    impatient: values.impatient,
    echo,
  });
  const planted = values.planted ? await runPlanted({ suites: values.suite, echo }) : { tried: 0, caught: 0 };
  const summary = summaryOf(results, planted);
  if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.ok ? 0 : 1;
}

process.exitCode = await main();
