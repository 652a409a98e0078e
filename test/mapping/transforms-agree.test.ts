import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import type { FieldMapping, ModelField, TransformStep } from '../../src/manifest/index.ts';
import { applySteps } from '../../src/mapping/apply-steps.ts';
import type { DuckType } from '../../src/mapping/catalogue.ts';
import { mappingSql } from '../../src/mapping/mapping-sql.ts';
import { nativeTables } from '../../src/mapping/native-table.ts';
import { planMapping } from '../../src/mapping/plan-mapping.ts';
import { lowerText } from '../../src/mapping/transforms/lower.ts';
import { duckTypeOf } from '../../src/mapping/kind.ts';
import { fieldTypes, type FieldType } from '../../src/schema/index.ts';
import { edgeNumbers, edgeTexts } from './edges.ts';
import { asParameter, castParameter, field, object, openDuck, stream } from './support.ts';

const mark = { file: 'x', line: 1, column: 1 };

const mappingFrom: FieldMapping = { field: 'out', from: null, steps: [], onMissing: 'null', why: null, at: mark };

const natives = object('Thing', [
  field('Text', 'string'),
  field('Flag', 'boolean'),
  field('Count', 'integer'),
  field('Share', 'number'),
  field('Price', 'decimal', { scale: 2 }),
  field('Day', 'date'),
  field('Moment', 'datetime'),
  field('Clock', 'time'),
  field('Tags', 'multi_enum'),
  field('Nested', 'json'),
]);

const words = ['a', 'b', 'won', 'Gewonnen', 'true', ' x ', 'ß'];
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...words) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }).map((each) => each.replaceAll('\u0000', '')) },
  { weight: 12, arbitrary: fc.constantFrom(...edgeTexts) },
  { weight: 2, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
);
const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -2_000, max: 2_000 }).map((each) => each / 8),
  fc.constantFrom(...edgeNumbers),
);
// A record in JSON has no negative zero.
const share = double.map((each) => each + 0);
const day = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((each) => each.toISOString());
const document: fc.Arbitrary<JsonObject> = fc.record({
  Text: fc.option(text, { freq: 8 }),
  Flag: fc.option(fc.boolean()),
  Count: fc.option(fc.maxSafeInteger()),
  Share: fc.option(share),
  Price: fc.option(fc.maxSafeInteger().map((each) => Math.trunc(each / 1_000) / 100 + 0)),
  Day: fc.option(day.map((each) => each.slice(0, 10))),
  Moment: fc.option(day),
  Clock: fc.option(day.map((each) => each.slice(11, 19))),
  Tags: fc.option(fc.array(fc.constantFrom(...words, 'c;d', ''), { maxLength: 4 })),
  Nested: fc.option(fc.jsonValue({ maxDepth: 2 }).map((each) => JSON.parse(plainJson(each)) as Json)),
});

/** PostgreSQL's jsonb has no NUL, and neither has a record. */
const plainJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('\\u0000', '')
    .replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, '');

const scalar = fc.oneof(
  fc.constantFrom('won', 'x', '7', '2026-11-20'),
  fc.constantFrom(0, 7, -1.5, 1e-7),
  fc.boolean(),
);
const valueMap = fc.record({
  kind: fc.constant('value_map' as const),
  map: fc
    .dictionary(fc.constantFrom(...words, '7', "it's"), fc.constantFrom('won', 'lost', "o'k", ''), { maxKeys: 4 })
    .map((each) => new Map(Object.entries(each))),
  otherwise: fc.constantFrom('null' as const, 'keep' as const),
});
const later: fc.Arbitrary<TransformStep> = fc.oneof(
  valueMap,
  fc.record({ kind: fc.constant('default' as const), value: scalar }),
  fc.record({ kind: fc.constant('number' as const), decimal: fc.constantFrom('.' as const, ',' as const) }),
  fc.record({
    kind: fc.constant('date' as const),
    order: fc.constantFrom('ymd' as const, 'dmy' as const, 'mdy' as const),
  }),
  fc.constantFrom<TransformStep>({ kind: 'lower' }, { kind: 'trim' }, { kind: 'email_domain' }),
);
const part = fc.oneof(
  fc.constantFrom(' ', ', ', "'", 'é'),
  fc.constantFrom(...natives.fields.filter((each) => each.type !== 'json').map((each) => ({ field: each.name }))),
);
const first: fc.Arbitrary<TransformStep> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), value: scalar }),
  fc.record({
    kind: fc.constant('template' as const),
    parts: fc
      .array(part, { minLength: 1, maxLength: 4 })
      .filter((parts) => parts.some((each) => typeof each !== 'string')),
  }),
);
const chain = fc.array(later, { maxLength: 3 });
const mapping: fc.Arbitrary<FieldMapping> = fc
  .oneof(
    {
      weight: 5,
      arbitrary: fc.record({ from: fc.constantFrom(...natives.fields.map((each) => each.name)), steps: chain }),
    },
    { weight: 1, arbitrary: fc.record({ from: fc.constant(null), head: first, steps: chain }) },
  )
  .map((shape) => ({
    field: 'out',
    from: shape.from === null ? null : { kind: 'name', name: shape.from },
    steps: 'head' in shape ? [shape.head, ...shape.steps] : shape.steps,
    onMissing: 'null',
    why: null,
    at: mark,
  }));

const targetOf = (type: FieldType): ModelField => ({
  name: 'out',
  type,
  title: 'Out',
  why: null,
  values: type === 'enum' || type === 'multi_enum' ? ['won', 'lost', 'a', '7'] : null,
  reference: null,
  currency: null,
  currencyField: null,
  required: false,
  sensitive: false,
  deprecated: null,
  at: mark,
});
const target = fc.constantFrom(...fieldTypes).map(targetOf);

/** Reads a value of `type` out of DuckDB as text that says everything. */
function readable(sql: string, type: DuckType): string {
  if (type === 'TIMESTAMP') return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%gZ')`;
  if (type === 'VARCHAR') return `cast(to_json(${sql}) as varchar)`;
  if (type === 'JSON' || type === 'VARCHAR[]') return `cast(to_json(${sql}) as varchar)`;
  return `cast(${sql} as varchar)`;
}

function decoded(value: string | null, type: DuckType): Json {
  if (value === null) return null;
  if (type === 'BOOLEAN') return value === 'true';
  if (type === 'BIGINT' || type === 'DOUBLE' || type.startsWith('DECIMAL')) return Number(value) + 0;
  return type === 'VARCHAR' || type === 'VARCHAR[]' || type === 'JSON' ? (JSON.parse(value) as Json) : value;
}

/** Zero has no sign where it leaves: answers are JSON. */
const unsigned = (value: Json): Json => (typeof value === 'number' ? value + 0 : value);

/** A DuckDB with the native table, and a way to compare both sides over given records. */
async function comparer() {
  const duck = await openDuck();
  const [table] = nativeTables([stream('crm', natives)]);
  if (table === undefined) throw new Error('one table');
  const { columns } = table.table;
  await duck.run('create schema crm');
  await duck.run(
    `create table crm."Thing" (_row integer, ${columns.map((each) => `"${each.name}" ${each.duckType}`).join(', ')})`,
  );
  const counts = { compared: 0, present: 0 };
  const compare = async (
    documents: readonly JsonObject[],
    cases: readonly (readonly [FieldMapping, ModelField, number])[],
  ): Promise<void> => {
    await duck.run('delete from crm."Thing"');
    const parameters = columns.map((each, at) => castParameter(each.duckType, at + 1)).join(', ');
    for (const [row, values] of documents.entries()) {
      await duck.run(
        `insert into crm."Thing" values (${row}, ${parameters})`,
        columns.map((each) => {
          const value = values[each.key] ?? null;
          return each.duckType === 'JSON' && value !== null ? JSON.stringify(value) : asParameter(value);
        }),
      );
    }
    const planned = cases.flatMap(([each, into, scale]) => {
      const result = planMapping(each, into, natives, () => null);
      return result.kind === 'ok' ? [{ plan: result.plan, each, into, scale }] : [];
    });
    if (planned.length === 0) return;
    const duckTypes = planned.map(({ into, scale }) => duckTypeOf(into.type, scale));
    const selected = planned.map(({ plan, into, scale }, at) => {
      const joins = { clauses: [], tables: new Map() };
      const sql = mappingSql(plan, into, { scale, onMissing: 'null', table, joins });
      return `${readable(sql, duckTypes[at] ?? 'VARCHAR')} as c${at}`;
    });
    const answer = await duck.runAndReadAll(`select ${selected.join(',\n')} from crm."Thing" t order by _row`);
    for (const [row, got] of answer.getRows().entries()) {
      const values = documents[row] ?? {};
      for (const [at, { plan, into, scale, each }] of planned.entries()) {
        const expected = unsigned(
          applySteps({ plan, target: into, scale, onMissing: 'null', document: values, lookup: () => null }),
        );
        const said = unsigned(decoded(got[at] as string | null, duckTypes[at] ?? 'VARCHAR'));
        const shown = { each, type: into.type, scale, document: values };
        expect({ ...shown, said }).toEqual({ ...shown, said: expected });
        counts.compared += 1;
        if (expected !== null) counts.present += 1;
      }
    }
  };
  return { compare, counts };
}

describe('transforms', () => {
  it('give the same in DuckDB and in TypeScript, whatever the record', async () => {
    const { compare, counts } = await comparer();
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 6, maxLength: 12 }),
        fc.array(fc.tuple(mapping, target, fc.integer({ min: 0, max: 4 })), { minLength: 12, maxLength: 24 }),
        compare,
      ),
      { numRuns: 60 },
    );
    // Two sides that always say "missing" would agree as well.
    expect(counts.present).toBeGreaterThan(counts.compared / 10);
  });

  it('agree on the known edges of numbers, dates and texts, every time', async () => {
    const { compare, counts } = await comparer();
    const documents = [
      ...edgeTexts.map((each): JsonObject => ({ Text: each })),
      ...edgeNumbers.map((each): JsonObject => ({ Share: each })),
      // Exact to the two digits that the field declares, as stored decimals are.
      ...[0.5, 1.01, 2.68, -0.13, 12.34, 9_999_999_999_999.25].map((each): JsonObject => ({ Price: each })),
    ];
    const chains: TransformStep[][] = [
      [],
      [{ kind: 'number', decimal: '.' }],
      [{ kind: 'number', decimal: ',' }],
      [{ kind: 'date', order: 'ymd' }],
      [{ kind: 'date', order: 'dmy' }],
      [{ kind: 'date', order: 'mdy' }],
      [{ kind: 'lower' }],
      [{ kind: 'trim' }],
      [{ kind: 'email_domain' }],
      [{ kind: 'value_map', map: new Map([['a', 'won']]), otherwise: 'null' }],
      [{ kind: 'value_map', map: new Map([['a', 'won']]), otherwise: 'keep' }],
      [{ kind: 'default', value: 7 }],
    ];
    const mappings = ['Text', 'Share', 'Price'].flatMap((name) =>
      chains.map((steps): FieldMapping => ({ ...mappingFrom, from: { kind: 'name', name }, steps })),
    );
    const cases = mappings.flatMap((each) =>
      fieldTypes.flatMap((type) => [0, 2].map((scale) => [each, targetOf(type), scale] as const)),
    );
    await compare(documents, cases);
    expect(counts.present).toBeGreaterThan(5_000);
  });

  it('lower every code point alike', async () => {
    const duck = await openDuck();
    const answer = await duck.runAndReadAll(
      'select i, hex(lower(chr(i::integer))) from range(1, 1114112) g(i) where not (i between 55296 and 57343)',
    );
    const different = answer.getRows().filter(([code, hex]) => {
      const lowered = lowerText(String.fromCodePoint(Number(code)));
      return Buffer.from(lowered).toString('hex').toUpperCase() !== hex;
    });
    expect(different).toEqual([]);
  });
});
