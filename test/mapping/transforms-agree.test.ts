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
import { fieldTypes } from '../../src/schema/index.ts';
import { document, mapping, mappingFrom, natives, target, targetOf } from './any-mapping.ts';
import { edgeJson, edgeNumbers, edgeTexts, edgeTyped } from './edges.ts';
import { asParameter, castParameter, openDuck, stream } from './support.ts';

/** No step here looks anything up. */
const nothing = (): never => {
  throw new Error('nothing is matched here');
};

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
      const joins = {
        clauses: [],
        reads: new Set<never>(),
        uses: [],
        prefix: 'l',
        tables: new Map(),
        noteMatch: nothing,
      };
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
        // What the catalogue lists for a field is all that there is.
        const items = [expected].flat().filter((item) => item !== null);
        expect(items.filter((item) => into.values?.includes(String(item)) === false)).toEqual([]);
        counts.compared += 1;
        if (expected !== null) counts.present += 1;
      }
    }
  };
  return { compare, counts };
}

/** As a record holds it: zero has no sign there. */
const stored = (text: string): Json => JSON.parse(JSON.stringify(JSON.parse(text))) as Json;

/** JSON that can be stored: half a surrogate pair cannot. */
function isJson(value: string): boolean {
  try {
    return JSON.stringify(JSON.parse(value)).search(/\\ud[89a-f]/) === -1;
  } catch {
    return false;
  }
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
      ...[...edgeTexts, ...edgeTyped, ...edgeJson].map((each): JsonObject => ({ Text: each })),
      ...edgeJson.flatMap((each): JsonObject[] => (isJson(each) ? [{ Nested: stored(each) }] : [])),
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
      [{ kind: 'split', separator: ',', take: 1 }],
      [{ kind: 'split', separator: ',', take: -2 }],
      [{ kind: 'money', decimal: '.', code: null }],
      [{ kind: 'money', decimal: ',', code: 'EUR' }],
      [{ kind: 'money', decimal: '.', code: 'USD' }],
      [{ kind: 'midpoint', decimal: '.' }],
      [{ kind: 'midpoint', decimal: ',' }],
      [{ kind: 'unit', from: 'min', to: 'h' }],
      [{ kind: 'unit', from: 'F', to: 'C' }],
      [{ kind: 'unit', from: 'B', to: 'KiB' }],
      [{ kind: 'json_path', path: ['a'] }],
      [{ kind: 'json_path', path: ['a', 'b'] }],
      [{ kind: 'json_path', path: ['a', 1] }],
      [{ kind: 'json_path', path: [0] }],
    ];
    const mappings = ['Text', 'Share', 'Price', 'Nested'].flatMap((name) =>
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
