import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matches, parseFilter, valueKindOf } from '../../src/filter/index.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import type { QueryRequest } from '../../src/query/index.ts';
import { grantOf, question, rounded } from './agreement-parts.ts';
import { modelFields } from './catalogue.ts';
import { data, filterOver, rules } from './generate.ts';
import { addUp, compareBytes, oracleOf, orderOf, type OracleRow } from './oracle.ts';
import { smallData } from './small-data.ts';
import { NOW, openWorld, type GrantSpec, type QueryWorld, type TestData } from './world.ts';

let world: QueryWorld;
beforeAll(async () => {
  // Its rows are other ids than the generated ones; they are emptied by taking part in no data set.
  world = await openWorld(Object.fromEntries(Object.keys(smallData).map((table) => [table, []])));
});
afterAll(() => world.close());

async function load(set: TestData): Promise<void> {
  for (const [table, rows] of Object.entries(set)) await world.put(table, rows);
  await world.lens.catchUp(world.tenant);
}

/** Every page of an answer, a few rows at a time. */
async function allRows(request: QueryRequest, grant: GrantSpec, pageRows: number): Promise<(readonly Json[])[]> {
  const caller = world.caller(grant);
  const rows: (readonly Json[])[] = [];
  let cursor: string | undefined;
  do {
    const page: QueryRequest = { ...request, limit: pageRows, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await world.service.queryRecords(caller, world.catalogue, page);
    rows.push(...answer.rows);
    cursor = answer.next_cursor;
    if (rows.length > 200) throw new Error('the pages do not end');
  } while (cursor !== undefined);
  return rows;
}

describe('structured answers equal an evaluation row by row', () => {
  it('lists: filters, rules, joins, measures, order and pages', async () => {
    for (const set of fc.sample(data, { numRuns: 3, seed: 7 })) {
      await load(set);
      await fc.assert(
        fc.asyncProperty(question, rules, async ({ filter, fields, sort, pageRows }, limits) => {
          const named = fields.map((field, index) =>
            typeof field === 'string' ? field : { ...(field as JsonObject), as: `m${index}` },
          );
          const got = await allRows({ object: 'deal', filter, fields: named, sort }, grantOf(limits), pageRows);
          const oracle = oracleOf(set, limits, NOW);
          const wanted = oracle
            .visible('deal')
            .filter((row) => oracle.passes('deal', row, filter))
            .toSorted((a, b) => orderOf(oracle, a, b, sort))
            .map((row) => [...fields.map((field) => oracle.value('deal', row, field)), row.ref]);
          expect(got.map(rounded)).toEqual(wanted.map(rounded));
        }),
        { numRuns: 45 },
      );
    }
  });

  it('groups: counts and sums of visible records only', async () => {
    const [set = {}] = fc.sample(data, { numRuns: 1, seed: 11 });
    await load(set);
    await fc.assert(
      fc.asyncProperty(filterOver('deal'), rules, async (filter, limits) => {
        const request: QueryRequest = {
          object: 'deal',
          filter,
          group_by: ['account.segment', { month: 'close_date' }],
          measures: [
            { count: '*' },
            { sum: 'amount', as: 'total' },
            { count: '*', where: { stage: 'won' }, as: 'won' },
            { sum: { count: 'account.tickets' }, as: 'tickets' },
          ],
        };
        const got = await allRows(request, grantOf(limits), 2);
        const oracle = oracleOf(set, limits, NOW);
        const groups = new Map<string, OracleRow[]>();
        for (const row of oracle.visible('deal').filter((item) => oracle.passes('deal', item, filter))) {
          const date = row.row['close_date'];
          const key = JSON.stringify([
            oracle.value('deal', row, 'account.segment'),
            typeof date === 'string' ? `${date.slice(0, 7)}-01` : null,
          ]);
          groups.set(key, [...(groups.get(key) ?? []), row]);
        }
        const wanted = [...groups].map(([key, rows]) => {
          const amounts = rows.map((row) => row.row['amount']).filter((value) => typeof value === 'number');
          const tickets = rows.map((row) => Number(oracle.value('deal', row, { count: 'account.tickets' })));
          return [
            ...(JSON.parse(key) as Json[]),
            rows.length,
            amounts.length === 0 ? null : addUp(amounts),
            rows.filter((row) => row.row['stage'] === 'won').length,
            tickets.reduce((sum, count) => sum + count, 0),
          ];
        });
        const byText = (a: Json, b: Json): number => compareBytes(JSON.stringify(a), JSON.stringify(b));
        expect(got.map(rounded).toSorted(byText)).toEqual(wanted.map(rounded).toSorted(byText));
      }),
      { numRuns: 40 },
    );
  });

  it('the matcher passes exactly the records that SQL finds', async () => {
    const [set = {}] = fc.sample(data, { numRuns: 1, seed: 13 });
    await load(set);
    const kinds = new Map(modelFields['deal']?.map(([name, type]) => [name, valueKindOf(type)]));
    await fc.assert(
      fc.asyncProperty(filterOver('deal', false), async (json) => {
        const got = await allRows({ object: 'deal', filter: json, fields: ['deal_id'] }, grantOf({}), 6);
        const filter = parseFilter(json, { where: 'filter' });
        const wanted = oracleOf(set, {}, NOW)
          .visible('deal')
          .filter(({ row }) =>
            matches(filter, {
              now: NOW,
              where: 'filter',
              read: (operand) => {
                const name = operand.kind === 'path' ? operand.path : '';
                return { kind: kinds.get(name) ?? 'json', value: row[name] ?? null };
              },
            }),
          );
        expect(got.map((row) => row[1])).toEqual(wanted.map(({ ref }) => ref));
      }),
      { numRuns: 80 },
    );
  });
});
