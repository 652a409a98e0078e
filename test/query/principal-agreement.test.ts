import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PrincipalRights, StreamRights } from '../../src/access/index.ts';
import { GantryError, type Json, type JsonObject } from '../../src/kernel/index.ts';
import type { Answer, QueryRequest } from '../../src/query/index.ts';
import { grantOf, question, rounded } from './agreement-parts.ts';
import { feeds, modelFields } from './catalogue.ts';
import { data, filterOver, rules } from './generate.ts';
import { addUp, compareBytes, namesIn, oracleOf, orderOf, type OracleRow, type Shown } from './oracle.ts';
import { smallData } from './small-data.ts';
import { statement } from './sql-generate.ts';
import { allObjects, NOW, openWorld, type GrantSpec, type QueryWorld, type TestData } from './world.ts';

const TABLES = ['crm.User', 'crm.Account', 'crm.Opportunity', 'erp.Order', 'support.tickets'];

/** Everything, with the rights of users over it; and what one user is shown, alone in a lens of its own. */
let whole: QueryWorld;
let alone: QueryWorld;
beforeAll(async () => {
  const none = Object.fromEntries(Object.keys(smallData).map((table) => [table, []]));
  whole = await openWorld(none);
  alone = await openWorld(none);
});
afterAll(async () => {
  await whole.close();
  await alone.close();
});

/** By table; null: nobody knows what the user may see of it. */
type Sight = Readonly<
  Record<string, { readonly classes: 'all' | readonly number[]; readonly hidden: readonly string[] } | null>
>;

const CLASSES = [1, 2, 3, 4, 5];
const modelOf = (table: string): string => Object.keys(feeds).find((model) => feeds[model]?.includes(table)) ?? '';
const idOf = (table: string): string => modelFields[modelOf(table)]?.[0]?.[0] ?? '';

/** Enough classes for every way in which they are compared. */
const classes = fc.oneof(
  { weight: 1, arbitrary: fc.constant('all' as const) },
  { weight: 5, arbitrary: fc.subarray(CLASSES) },
  { weight: 1, arbitrary: fc.subarray(CLASSES).map((some) => [...some, ...range(100, 400)]) },
  { weight: 1, arbitrary: fc.subarray(CLASSES).map((some) => [...some, ...range(900_000, 900_300)]) },
);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

const sightOf = (table: string) => {
  const names = (modelFields[modelOf(table)] ?? []).map(([name]) => name).filter((name) => name !== idOf(table));
  const hidden = fc.subarray(names, { maxLength: Math.min(3, names.length) });
  return fc.option(fc.record({ classes, hidden }), { freq: 12, nil: null });
};
const sights: fc.Arbitrary<Sight> = fc.record(Object.fromEntries(TABLES.map((table) => [table, sightOf(table)])));

/** Each record in one class, or in none. */
const classed = (set: TestData): fc.Arbitrary<TestData> =>
  fc
    .array(fc.option(fc.constantFrom(...CLASSES), { freq: 6, nil: null }), { minLength: 40, maxLength: 40 })
    .map((some) => {
      let at = 0;
      return Object.fromEntries(
        Object.entries(set).map(([table, rows]) => [
          table,
          rows.map((row) => ({ ...row, _acl: some[at++ % some.length] ?? null })),
        ]),
      );
    });

const worlds = data.chain((set) => fc.record({ set: classed(set), sight: sights }));

function rightsOf(world: QueryWorld, sight: Sight): PrincipalRights {
  const streams = new Map(
    TABLES.flatMap((table) => {
      const stream = world.streams.get(table);
      const own = sight[table] ?? null;
      const known: StreamRights =
        own === null
          ? { kind: 'unknown', reason: 'not_linked', fix: 'Link the user.' }
          : {
              kind: 'known',
              by: 'shares',
              classes: own.classes,
              fields: new Set(
                (modelFields[modelOf(table)] ?? []).map(([name]) => name).filter((name) => !own.hidden.includes(name)),
              ),
              asOf: NOW,
            };
      return stream === undefined ? [] : [[stream, known] as const];
    }),
  );
  return { principal: 'ann', version: JSON.stringify(sight), streams };
}

const shownBy =
  (sight: Sight): Shown =>
  (table, row) => {
    const own = sight[table] ?? null;
    if (own === null) return null;
    const acl = row._acl ?? null;
    if (own.classes !== 'all' && (acl === null || !own.classes.includes(acl))) return null;
    return { ...row, ...Object.fromEntries(own.hidden.map((name) => [name, null])) };
  };

/** Fields of a model that some system shows. */
function fieldsOf(sight: Sight, model: string): ReadonlySet<string> {
  const known = (feeds[model] ?? []).flatMap((table) => sight[table] ?? []);
  return new Set(
    (modelFields[model] ?? [])
      .map(([name]) => name)
      .filter((name) => known.some(({ hidden }) => !hidden.includes(name))),
  );
}

const exists = (sight: Sight, names: readonly (readonly [model: string, field: string])[]): boolean =>
  names.every(([model, field]) => fieldsOf(sight, model).has(field));

async function load(world: QueryWorld, set: TestData): Promise<void> {
  for (const table of TABLES) {
    const rows = set[table] ?? [];
    const gone = (idsIn.get(world)?.[table] ?? []).filter((id) => !rows.some(({ _id }) => _id === id));
    if (gone.length > 0) await world.remove(table, gone);
    if (rows.length > 0) await world.put(table, rows);
    idsIn.set(world, { ...idsIn.get(world), [table]: rows.map(({ _id }) => _id) });
  }
  await world.lens.catchUp(world.tenant);
}
const idsIn = new WeakMap<QueryWorld, Record<string, string[]>>();

/** Every page of an answer; or the code of the error. */
async function ask(
  sight: Sight,
  request: QueryRequest,
  grant: GrantSpec,
  pageRows: number,
): Promise<readonly (readonly Json[])[] | string> {
  const rows: (readonly Json[])[] = [];
  let cursor: string | undefined;
  do {
    const caller = whole.callerAs(rightsOf(whole, sight), grant);
    const page: QueryRequest = { ...request, limit: pageRows, ...(cursor === undefined ? {} : { cursor }) };
    const answer: Answer | string = await whole.service.queryRecords(caller, whole.catalogue, page).catch(codeOf);
    if (typeof answer === 'string') return answer;
    rows.push(...answer.rows);
    cursor = answer.next_cursor;
    if (rows.length > 200) throw new Error('the pages do not end');
  } while (cursor !== undefined);
  return rows;
}

function codeOf(error: unknown): string {
  if (error instanceof GantryError && error.code !== 'internal') return error.code;
  throw error;
}

const sorted = (rows: readonly (readonly Json[])[]): (readonly Json[])[] =>
  rows.toSorted((a, b) => compareBytes(JSON.stringify(a), JSON.stringify(b)));

const unknownDeal = (sight: Sight): boolean => sight['crm.Opportunity'] === null && sight['erp.Order'] === null;

describe('in the name of a user, answers are those that the records and fields which the user is shown give', () => {
  it('lists: filters, rules, look-ups, measures, order and pages', async () => {
    for (const { set } of fc.sample(worlds, { numRuns: 3, seed: 17 })) {
      await load(whole, set);
      await fc.assert(
        fc.asyncProperty(question, rules, sights, async ({ filter, fields, sort, pageRows }, limits, sight) => {
          const named = fields.map((field, index) =>
            typeof field === 'string' ? field : { ...(field as JsonObject), as: `m${index}` },
          );
          const got = await ask(sight, { object: 'deal', filter, fields: named, sort }, grantOf(limits), pageRows);
          if (unknownDeal(sight)) {
            expect(got).toBe('access_unknown');
            return;
          }
          const names = namesIn('deal', [filter, ...fields, ...sort.map(({ field }) => field)]);
          if (!exists(sight, names)) {
            expect(got).toBe('query_field_unknown');
            return;
          }
          const oracle = oracleOf(set, limits, NOW, shownBy(sight));
          const wanted = oracle
            .visible('deal')
            .filter((row) => oracle.passes('deal', row, filter))
            .toSorted((a, b) => orderOf(oracle, a, b, sort))
            .map((row) => [...fields.map((field) => oracle.value('deal', row, field)), row.ref]);
          expect(typeof got === 'string' ? got : got.map(rounded)).toEqual(wanted.map(rounded));
        }),
        { numRuns: 70 },
      );
    }
  });

  it('of a rule: by what is true, also where one system hides from the user what the rule reads', async () => {
    await load(whole, smallData);
    const all = Object.fromEntries(TABLES.map((table) => [table, { classes: 'all' as const, hidden: [] as string[] }]));
    for (const [hidden, rule] of [
      [{}, { field: 'stage', op: 'eq', value: 'open' }],
      [{ 'crm.Opportunity': ['stage'] }, { field: 'stage', op: 'eq', value: 'open' }],
      [{ 'crm.Opportunity': ['stage'] }, { not: { field: 'stage', op: 'eq', value: 'open' } }],
      [{ 'crm.Opportunity': ['amount'] }, { field: 'amount', op: 'gt', value: 0 }],
      [{ 'erp.Order': ['amount'] }, { field: 'amount', op: 'is_null', value: true }],
    ] as const) {
      const sight: Sight = {
        ...all,
        ...Object.fromEntries(
          Object.entries(hidden).map(([table, names]) => [table, { classes: 'all', hidden: names }]),
        ),
      };
      const limits = { deal: rule as JsonObject };
      const got = await ask(sight, { object: 'deal', fields: ['name'] }, grantOf(limits), 50);
      const oracle = oracleOf(smallData, limits, NOW, shownBy(sight));
      const wanted = oracle.visible('deal').map((row) => [oracle.value('deal', row, 'name'), row.ref]);
      expect([hidden, typeof got === 'string' ? got : sorted(got)]).toEqual([hidden, sorted(wanted)]);
      // Else it would say nothing.
      const some = oracleOf(smallData, {}, NOW, shownBy(sight)).visible('deal').length;
      expect([wanted.length > 0, wanted.length < some]).toEqual([true, true]);
    }
  });

  it('groups and counts', async () => {
    const [{ set } = { set: {} }] = fc.sample(worlds, { numRuns: 1, seed: 23 });
    await load(whole, set);
    await fc.assert(
      fc.asyncProperty(fc.option(filterOver('deal'), { freq: 2 }), rules, sights, async (filter, limits, sight) => {
        const operands: Json[] = ['account.segment', 'amount', 'stage', { count: 'account.tickets' }];
        const request: QueryRequest = {
          object: 'deal',
          ...(filter === null ? {} : { filter }),
          group_by: ['account.segment', 'stage'],
          measures: [
            { count: '*' },
            { sum: 'amount', as: 'total' },
            { sum: { count: 'account.tickets' }, as: 'tickets' },
          ],
        };
        const got = await ask(sight, request, grantOf(limits), 2);
        if (unknownDeal(sight)) {
          expect(got).toBe('access_unknown');
          return;
        }
        if (!exists(sight, namesIn('deal', [...(filter === null ? [] : [filter]), ...operands]))) {
          expect(got).toBe('query_field_unknown');
          return;
        }
        const oracle = oracleOf(set, limits, NOW, shownBy(sight));
        const groups = new Map<string, OracleRow[]>();
        for (const row of oracle
          .visible('deal')
          .filter((item) => filter === null || oracle.passes('deal', item, filter))) {
          const key = JSON.stringify(['account.segment', 'stage'].map((name) => oracle.value('deal', row, name)));
          groups.set(key, [...(groups.get(key) ?? []), row]);
        }
        const wanted = [...groups].map(([key, rows]) => {
          const amounts = rows.map((row) => row.row['amount']).filter((value) => typeof value === 'number');
          const tickets = rows.map((row) => Number(oracle.value('deal', row, { count: 'account.tickets' })));
          return [
            ...(JSON.parse(key) as Json[]),
            rows.length,
            amounts.length === 0 ? null : addUp(amounts),
            tickets.reduce((sum, count) => sum + count, 0),
          ];
        });
        expect(typeof got === 'string' ? got : sorted(got.map(rounded))).toEqual(sorted(wanted.map(rounded)));
      }),
      { numRuns: 70 },
    );
  });

  it('SQL: the same as over a lens that holds nothing else, errors included', async () => {
    for (const { set, sight } of fc.sample(worlds, { numRuns: 4, seed: 31 })) {
      await load(whole, set);
      const shown = shownBy(sight);
      await load(
        alone,
        Object.fromEntries(
          TABLES.map((table) => [table, (set[table] ?? []).flatMap((row) => shown(table, row) ?? [])]),
        ),
      );
      const seen = (model: string): string[] => [...fieldsOf(sight, model)].filter((name) => name !== 'iban');
      const models = Object.keys(modelFields).filter((model) => seen(model).length > 0);
      const grant = Object.fromEntries(models.map((model) => [model, { fields: seen(model) }]));
      const known = models.filter((model) => (feeds[model] ?? []).some((table) => TABLES.includes(table)));
      const caller = whole.callerAs(rightsOf(whole, sight), allObjects);
      const service = alone.caller(grant);
      await fc.assert(
        fc.asyncProperty(statement(known, seen), async (sql) => {
          const run = async (world: QueryWorld, who: typeof caller): Promise<unknown> =>
            world.service
              .querySql(who, world.catalogue, { sql })
              .then(({ columns, rows }) => ({ columns, rows: sorted(rows.map(rounded)) }), codeOf);
          expect({ sql, got: await run(whole, caller) }).toEqual({ sql, got: await run(alone, service) });
        }),
        { numRuns: 60 },
      );
    }
  });
});
