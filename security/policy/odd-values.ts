import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { stages, tags } from '../../test/query/catalogue.ts';
import type { TestRow } from '../../test/query/world.ts';

const ROWS = 60;
const orNull = (arbitrary: fc.Arbitrary<Json>): fc.Arbitrary<Json> => fc.option(arbitrary, { freq: 5, nil: null });

/** Upper and lower case that are no pairs, marks that combine, letters beyond 16 bits, signs of patterns. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'İstanbul',
    'ISTANBUL',
    'ıstanbul',
    'straße',
    'STRASSE',
    'e\u0301',
    'é',
    'Å',
    'Å',
    'ﬁ',
    'fi',
  ),
  fc.constantFrom(
    '%',
    '_',
    '\\',
    '100%',
    'a_b',
    "O'Neil",
    '"',
    '\u200Bx',
    '\uFEFFx',
    '\u202Ex',
    '😀',
    '𝔘',
    '\uFFFD',
    '漢字',
    'Ω',
    'ω',
    'ς',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }).filter((value) => !value.includes('\0')),
);
/** What two decimals and 18 digits hold, to the ends. */
const amount = fc.oneof(
  fc.constantFrom(0, -0, 0.01, -0.01, 0.1, 90_071_992_547_409.91, -90_071_992_547_409.91, 1e12, 9_999_999_999.99),
  fc.integer({ min: -100_000, max: 100_000 }).map((cents) => cents / 100),
);
const fraction = fc.oneof(
  fc.constantFrom(0, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 0.1 + 0.2, 0.3, 2 ** 53),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const day = fc.constantFrom('1000-01-01', '1582-10-15', '1969-12-31', '2024-02-29', '2026-11-20', '9998-12-31');
const time = fc.constantFrom('00:00:00', '23:59:59', '12:00:00');
const moment = fc.tuple(day, fc.constantFrom('00:00:00.000Z', '23:59:59.999Z')).map(([date, at]) => `${date}T${at}`);

/** Some sixty records; the same ones with the same seed. */
export function oddRows(seed: number): readonly TestRow[] {
  const row = fc.record({
    name: orNull(text),
    stage: orNull(fc.constantFrom(...stages)),
    amount: orNull(amount),
    fees: orNull(amount),
    probability: orNull(fraction),
    close_date: orNull(day),
    created: orNull(moment),
    call_at: orNull(time),
    tags: orNull(fc.subarray([...tags])),
    old_stage: orNull(text),
    account: orNull(text),
    site: fc.constant(null),
  });
  return fc
    .sample(row, { numRuns: ROWS, seed })
    .map((values, at) => ({ _id: `d${String(at)}`, deal_id: `d${String(at)}`, ...values }));
}

const compared = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'];
const leaf = fc
  .constantFrom<readonly [field: string, ops: readonly string[], value: fc.Arbitrary<Json>]>(
    ['name', [...compared, 'contains', 'starts_with'], text],
    ['old_stage', [...compared, 'contains', 'starts_with'], text],
    ['amount', compared, amount],
    ['probability', compared, fc.oneof(fraction, amount)],
    ['close_date', compared, day],
    ['created', compared, fc.oneof(day, moment)],
    ['call_at', compared, time],
    ['stage', ['eq', 'ne'], fc.constantFrom(...stages)],
    ['tags', ['contains'], fc.constantFrom(...tags)],
  )
  .chain(([field, ops, value]) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ field: fc.constant(field), op: fc.constantFrom(...ops), value }) },
      {
        weight: 1,
        arbitrary: fc.record({ field: fc.constant(field), op: fc.constant('is_null'), value: fc.boolean() }),
      },
      {
        weight: 1,
        arbitrary: fc
          .array(value, { minLength: 1, maxLength: 4 })
          .map((values) => ({ field, op: 'in', value: values })),
      },
    ),
  );

/** Rules over these values, nested up to four deep. */
export const oddFilter: fc.Arbitrary<JsonObject> = fc.letrec<{ node: JsonObject }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    tie('node').map((not) => ({ not })),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((and) => ({ and })),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((or) => ({ or })),
  ),
})).node;
