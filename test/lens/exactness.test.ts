import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import type { LensColumn } from '../../src/mapping/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens } from './fixture.ts';

const columns: Record<string, LensColumn['duckType']> = {
  Name: 'VARCHAR',
  Flag: 'BOOLEAN',
  Count: 'BIGINT',
  Ratio: 'DOUBLE',
  Amount: 'DECIMAL(18,2)',
  Day: 'DATE',
  Moment: 'TIMESTAMP',
  Clock: 'TIME',
  Tags: 'VARCHAR[]',
  Extra: 'JSON',
  'odd "key" \'/~ ü': 'VARCHAR',
};

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.replaceAll('\u0000', ''));
const plainZero = (value: number): number => (value === 0 ? 0 : value);
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map(plainZero);
const instant = fc.date({
  min: new Date('1900-01-01T00:00:00Z'),
  max: new Date('2200-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => withoutZeros(value as Json));

function withoutZeros(value: Json): Json {
  // PostgreSQL's JSON has neither a negative zero nor the character U+0000.
  return JSON.parse(JSON.stringify(value).replaceAll('-0,', '0,').replaceAll('\\u0000', '')) as Json;
}

const values: Record<string, fc.Arbitrary<Json>> = {
  Name: text,
  Flag: fc.boolean(),
  Count: fc.maxSafeInteger().map(plainZero),
  Ratio: double,
  Amount: fc.integer({ min: -(10 ** 12), max: 10 ** 12 }).map((cents) => plainZero(cents / 100)),
  Day: instant.map((date) => date.toISOString().slice(0, 10)),
  Moment: instant.map((date) => date.toISOString()),
  Clock: instant.map((date) => date.toISOString().slice(11, 19)),
  Tags: fc.array(text, { maxLength: 3 }),
  Extra: json,
  'odd "key" \'/~ ü': text,
};

const doc = fc
  .record(
    Object.fromEntries(Object.entries(values).map(([key, arbitrary]) => [key, fc.option(arbitrary, { freq: 5 })])),
    { requiredKeys: [] },
  )
  .map((value) => value as JsonObject);

const batch = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'D', 'é', "o'x", '"q"', '0061', '1'),
    doc: fc.option(doc, { freq: 4 }),
  }),
  { minLength: 1, maxLength: 8 },
);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), batch }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rebuild' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('columns' as const),
      keys: fc.subarray(Object.keys(columns), { minLength: 1 }),
    }),
  },
);

describe('the lens holds what the store holds', () => {
  const open = openerOf('pglite');
  let db: Db;
  let test: TestLens;
  beforeAll(async () => {
    db = await open();
    test = await openLens(db);
  });
  afterAll(() => test.close());

  it('after any sequence of changes, deletions, rebuilds and layouts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const tenant = await addTestTenant(db, ['Thing']);
        const [stream] = tenant.streams;
        if (stream === undefined) throw new Error('no stream');
        const truth = new Map<string, JsonObject>();
        let keys = Object.keys(columns);
        const setLayout = (): void => {
          const chosen = Object.fromEntries(keys.map((key) => [key, columns[key] ?? 'VARCHAR']));
          test.layouts.set(tenant.id, layoutOf([table(stream, 'Thing', chosen)]));
          test.lens.layoutChanged(tenant.id);
        };
        setLayout();
        for (const each of steps) {
          if (each.kind === 'rebuild') await test.lens.rebuild(tenant.id);
          if (each.kind === 'columns') {
            keys = each.keys;
            setLayout();
          }
          if (each.kind === 'put') {
            await tenant.put(stream, each.batch);
            // The last of several of one id wins, as within a provider's page.
            for (const { id, doc: value } of each.batch) {
              if (value === null) truth.delete(id);
              else truth.set(id, value);
            }
          }
          await test.lens.catchUp(tenant.id);
          const names = keys.map((key) => `"${key.replaceAll('"', '""')}"`).join(', ');
          const found = await rows(test.lens, tenant.id, `select _stream, _id, ${names} from "crm"."Thing"`);
          const expected = [...truth].map(([id, value]) => [stream, id, ...keys.map((key) => value[key] ?? null)]);
          expect(new Set(found.map((row) => JSON.stringify(sorted(row))))).toEqual(
            new Set(expected.map((row) => JSON.stringify(sorted(row)))),
          );
          expect(found.length).toBe(expected.length);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('with keys that differ in case only', async () => {
    const tenant = await addTestTenant(db, ['Thing']);
    const [stream] = tenant.streams;
    if (stream === undefined) throw new Error('no stream');
    const lower = { name: 'lower', key: 'name', duckType: 'BIGINT' } as const;
    const upper = { name: 'upper', key: 'Name', duckType: 'VARCHAR[]' } as const;
    const other = { name: 'other', key: 'NAME', duckType: 'JSON' } as const;
    const columnsOf = { ...table(stream, 'Thing', {}), columns: [lower, upper, other] };
    test.layouts.set(tenant.id, layoutOf([columnsOf]));
    await tenant.put(stream, [
      { id: '1', doc: { name: 1, Name: ['x'], NAME: { y: 1 } } },
      { id: '2', doc: { name: null, Name: null, NAME: null } },
    ]);
    await test.lens.catchUp(tenant.id);
    expect(await rows(test.lens, tenant.id, 'select lower, upper, other from crm."Thing" order by _id')).toEqual([
      [1, ['x'], { y: 1 }],
      [null, null, null],
    ]);
  });

  it('reads a value of the wrong type as null, keeps the rest, and reports it', async () => {
    const tenant = await addTestTenant(db, ['Thing']);
    const [stream] = tenant.streams;
    if (stream === undefined) throw new Error('no stream');
    test.layouts.set(
      tenant.id,
      layoutOf([table(stream, 'Thing', { Day: 'DATE', Count: 'BIGINT', Tags: 'VARCHAR[]' })]),
    );
    await test.lens.catchUp(tenant.id);
    const seen = test.events.length;
    await tenant.put(stream, [
      { id: '1', doc: { Day: '2025-02-30', Count: 'many', Tags: 'x' } },
      { id: '2', doc: { Day: '2025-02-28', Count: 5, Tags: ['x'] } },
    ]);
    await test.lens.catchUp(tenant.id);
    expect(await rows(test.lens, tenant.id, 'select "Day", "Count", "Tags" from crm."Thing" order by _id')).toEqual([
      [null, null, null],
      ['2025-02-28', 5, ['x']],
    ]);
    const reported = test.events.slice(seen).filter((event) => event.kind === 'lens_values_unreadable');
    expect(reported.map(({ column, count }) => [column, count])).toEqual([
      ['Day', 1],
      ['Count', 1],
      ['Tags', 1],
    ]);
  });
});

/** Key order of objects does not count. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
