import fc from 'fast-check';
import { matches, parseFilter, valueKindOf } from '../../src/filter/index.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { modelFields } from '../../test/query/catalogue.ts';
import { filterOver } from '../../test/query/generate.ts';
import { NOW, openWorld, type QueryWorld, type TestData, type TestRow } from '../../test/query/world.ts';
import { newTally, type Suite } from '../suite.ts';
import { oddFilter, oddRows } from './odd-values.ts';

const RULES = 10_000;
/** Of each so many, one is asked as a filter, and the others as conditions of measures in one question. */
const AT_ONCE = 16;
const LANES = 2;

/** A rule of the one filter language says of each record in memory what it says in SQL. */
export const policy: Suite = {
  name: 'policy',
  what: 'matcher = SQL on random rules over rows with nulls, unicode and large numbers',
  run: async ({ seed, rounds, impatient }) => {
    const tally = newTally({ impatient });
    const rows = oddRows(seed);
    const world = await openWorld({ 'crm.User': [], 'crm.Account': [], 'crm.Opportunity': rows } satisfies TestData);
    try {
      const rule = fc.oneof(oddFilter, filterOver('deal', false));
      const rules = fc.sample(rule, { numRuns: rounds ?? RULES, seed });
      const check = (filter: JsonObject, got: string): void => {
        const wanted = byMatcher(rows, filter);
        tally.check(got === wanted, () => `${JSON.stringify(filter)}: SQL ${got}, matcher ${wanted}`);
      };
      const queue = Array.from({ length: Math.ceil(rules.length / AT_ONCE) }, (_, at) =>
        rules.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
      );
      const work = Array.from({ length: LANES }, async () => {
        for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
          const [first, ...others] = next;
          if (first !== undefined) check(first, await byFilter(world, first));
          const found = others.length === 0 ? [] : await byMeasures(world, others);
          for (const [at, filter] of others.entries()) check(filter, found[at] ?? 'nothing');
        }
      });
      await Promise.all(work);
    } finally {
      await world.close();
    }
    return tally.result();
  },
};

/** Ids of the records that pass, as the lens finds them. */
async function byFilter(world: QueryWorld, filter: JsonObject): Promise<string> {
  const request = { object: 'deal', filter, fields: ['deal_id'], limit: 200 };
  const { rows } = await world.service.queryRecords(world.caller({ deal: {} }), world.catalogue, request);
  return rows
    .map(([id]) => String(id))
    .toSorted()
    .join(' ');
}

/** The same for several rules: which of them pass, record by record. */
async function byMeasures(world: QueryWorld, filters: readonly JsonObject[]): Promise<readonly string[]> {
  const measures = filters.map((where, at) => ({ count: '*', where, as: `m${String(at)}` }));
  const request = { object: 'deal', group_by: ['deal_id'], measures, limit: 200 };
  const { rows } = await world.service.queryRecords(world.caller({ deal: {} }), world.catalogue, request);
  return filters.map((_, at) =>
    rows
      .filter((row) => row[at + 1] === 1)
      .map(([id]) => String(id))
      .toSorted()
      .join(' '),
  );
}

const kinds = new Map(modelFields['deal']?.map(([name, type]) => [name, valueKindOf(type)]));

/** The same, record by record. */
function byMatcher(rows: readonly TestRow[], json: Json): string {
  const filter = parseFilter(json, { where: 'filter' });
  return rows
    .filter((row) =>
      matches(filter, {
        now: NOW,
        where: 'filter',
        read: (operand) => {
          const name = operand.kind === 'path' ? operand.path : '';
          return { kind: kinds.get(name) ?? 'json', value: row[name] ?? null };
        },
      }),
    )
    .map(({ _id }) => _id)
    .toSorted()
    .join(' ');
}
