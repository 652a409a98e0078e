import fc from 'fast-check';
import { functionNames, mustBeConstant } from '../../src/query/sql/functions.ts';
import type { Tally } from '../suite.ts';
import type { HostileWorld } from './hostile-world.ts';
import { judge } from './judge.ts';
import { sureCalls } from './sure-calls.ts';

/** Answered so often, a function counts as tried; and how often at most it is called to get there. */
const ANSWERED = 4;
const CALLS = 8;
const WRONG_KIND = ['sql_refused', 'sql_type', 'sql_failed', 'sql_function_refused', 'sql_syntax'];

/** Tell the time, which is another one at each call. */
const clocks = ['now', 'today', 'get_current_timestamp', 'age'];
/** The engine takes it from its own plans only. */
const inner = ['sum_no_overflow'];
const leftOut: ReadonlySet<string> = new Set([...clocks, ...inner]);

const columns = [
  'name',
  'segment',
  'revenue',
  'active',
  'since',
  'domain',
  'crm_id',
  'revenue::double',
  'revenue::varchar',
  'length(name)',
  'since::timestamp',
  '[name, segment]',
  'try_cast(revenue as bigint)',
];
const constants = [
  "'a'",
  "'%a%'",
  "'.*'",
  "'$.x'",
  "','",
  "'%Y'",
  "'month'",
  '0',
  '1',
  '2',
  '-1',
  '0.5',
  'null',
  "date '2020-02-29'",
  '\'{"x": 1}\'',
  "['a', 'b']",
  'true',
];
/** Parts of a date, of which most other texts are none. */
const parts = ["'day'", "'month'", "'year'", "'quarter'", "'week'"];
const partsFirst = /^date_?(trunc|part|diff|sub|add)$/;

const shapes = [
  (call: string) => `select ${call} as x from account`,
  (call: string) => `select crm_id from account where ${call} is not null`,
  (call: string) => `select crm_id from account order by ${call}, crm_id`,
  (call: string) => `select count(*) as n, max(${call}) as x from account`,
  (call: string) => `select segment, ${call} as x from account group by segment`,
  (call: string) => `select crm_id, ${call} over (order by crm_id) as x from account`,
  (call: string) => `select crm_id, ${call} over (partition by segment) as x from account`,
  (call: string) => `select ${call} as x, count(*) as n from account group by all`,
];

/** Calls every function that SQL may call, at every place, with values of every kind; hidden rows decide nothing. */
export async function fuzzFunctions(world: HostileWorld, tally: Tally, seed: number): Promise<void> {
  for (const [at, name] of functionNames().entries()) {
    if (leftOut.has(name)) continue;
    let answered = 0;
    const random = fc.sample(callOf(name), { numRuns: CALLS, seed: seed + at });
    for (const sql of [...sureOf(name), ...random, ...usualOf(name)]) {
      const answers = await world.sql(sql);
      const [whole] = answers;
      // Most random calls are of kinds that a function does not take: those prove nothing, unless the two differ.
      if ('code' in whole && 'code' in answers[1] && WRONG_KIND.includes(whole.code)) {
        if (JSON.stringify(whole) !== JSON.stringify(answers[1]))
          judge(tally, `function ${name}: ${sql}`, answers, sql);
        continue;
      }
      judge(tally, `function ${name}: ${sql}`, answers, sql);
      answered += 'rows' in whole ? 1 : 0;
      if (answered >= ANSWERED) break;
    }
    tally.check(answered > 0, () => `function ${name} was never answered, so nothing was tried of it`);
  }
}

/** Written out for functions that the usual calls do not fit: each at some places. */
const sureOf = (name: string): string[] =>
  (sureCalls[name] ?? []).flatMap((call) => shapes.slice(0, 6).map((shape) => shape(call)));

/** What most functions take, one after the other. */
const usual = [
  'name',
  'revenue::double',
  'since',
  'since::timestamp',
  "name, 'a'",
  'length(name), 2',
  'name, 2',
  "'month', since",
  'active',
  '2',
  'name, name',
  'name, revenue',
  '',
];
const usualOf = (name: string): string[] =>
  usual.flatMap((given) => shapes.slice(0, 6).map((shape) => shape(`${name}(${given})`)));

function callOf(name: string): fc.Arbitrary<string> {
  const argument = (position: number): fc.Arbitrary<string> => {
    if (position === 0 && partsFirst.test(name)) return fc.constantFrom(...parts);
    if (mustBeConstant(name, position)) return fc.constantFrom(...constants);
    const weight = position === 0 ? 6 : 1;
    return fc.oneof(
      { weight, arbitrary: fc.constantFrom(...columns) },
      { weight: 1, arbitrary: fc.constantFrom(...constants) },
    );
  };
  const arguments_ = fc
    .integer({ min: 0, max: 3 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, position) => argument(position))));
  return fc
    .tuple(arguments_, fc.constantFrom(...shapes))
    .map(([given, shape]) => shape(`${name}(${given.join(', ')})`));
}
