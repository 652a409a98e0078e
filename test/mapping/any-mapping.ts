import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { units, unitsOf, type FieldMapping, type ModelField, type TransformStep } from '../../src/manifest/index.ts';
import { fieldTypes, type FieldType } from '../../src/schema/index.ts';
import { edgeJson, edgeNumbers, edgeTexts } from './edges.ts';
import { field, object } from './support.ts';

/** Records, mappings and fields of every kind, for properties that hold of all of them. */

const mark = { file: 'x', line: 1, column: 1 };

export const mappingFrom: FieldMapping = {
  field: 'out',
  from: null,
  steps: [],
  onMissing: 'null',
  why: null,
  at: mark,
};

export const natives = object('Thing', [
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

/** PostgreSQL's jsonb has no NUL, and neither has a record. */
const plainJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('\\u0000', '')
    .replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, '');

const words = ['a', 'b', 'won', 'Gewonnen', 'true', ' x ', 'ß'];
const signs = fc.constantFrom('€', '$', 'US$', 'USD', 'EUR', 'R$', '¥', 'kr', '', '', '');
const gap = fc.constantFrom('', '', ' ', '\u00a0', '\u202f');
const digits = fc.constantFrom('5', '0', '1,234.50', '1.234,50', '12', '0.1', '99999999999999999999', '1,23', '007');
/** Amounts, ranges and quantities as people type them, right and wrong. */
const typed = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', '', '-', '+', '('),
      signs,
      gap,
      fc.constantFrom('', '', '-'),
      digits,
      gap,
      signs,
      fc.constantFrom('', '', '-', ')'),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('', '', '>', '>=', '≥', '<', '-'),
      digits,
      gap,
      fc.constantFrom('-', '–', '—', 'to', 'bis', '+', '--', ''),
      gap,
      fc.oneof(digits, fc.constant('')),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('', '', '-', '+'),
      digits,
      gap,
      fc.constantFrom(...[...units.values()].flatMap((each) => [each.name, ...each.spellings]), 'KG', 'Km', 'Mb', 'x'),
    )
    .map((parts) => parts.join('')),
);
/** JSON as text, and what only looks like it. */
const jsonText = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }).map((each) => plainJson(each)),
  fc.constantFrom(...edgeJson),
  fc.constantFrom(...edgeJson).map((each) => each.slice(1)),
  fc.constantFrom(...edgeJson).map((each) => ` \n${each}\t`),
);
const text = fc.oneof(
  { weight: 4, arbitrary: typed },
  { weight: 4, arbitrary: jsonText },
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
/** JSON in which the paths below find something, often enough. */
const leaf = fc.oneof(fc.jsonValue({ maxDepth: 0 }), fc.constantFrom(...words, ...edgeTexts), typed, double);
const nested = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.record({ a: fc.oneof(leaf, fc.record({ b: leaf }), fc.array(fc.oneof(leaf, fc.record({ b: leaf })))) }),
  fc.array(fc.oneof(leaf, fc.record({ a: leaf })), { minLength: 1, maxLength: 3 }),
  fc.record({ 'b c': leaf }),
);
export const document: fc.Arbitrary<JsonObject> = fc.record({
  Text: fc.option(text, { freq: 8 }),
  Flag: fc.option(fc.boolean()),
  Count: fc.option(fc.maxSafeInteger()),
  Share: fc.option(share),
  Price: fc.option(fc.maxSafeInteger().map((each) => Math.trunc(each / 1_000) / 100 + 0)),
  Day: fc.option(day.map((each) => each.slice(0, 10))),
  Moment: fc.option(day),
  Clock: fc.option(day.map((each) => each.slice(11, 19))),
  Tags: fc.option(fc.array(fc.constantFrom(...words, 'c;d', ''), { maxLength: 4 })),
  Nested: fc.option(nested.map((each) => JSON.parse(plainJson(each)) as Json)),
});

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
const sign = fc.constantFrom('.' as const, ',' as const);
const unitStep: fc.Arbitrary<TransformStep> = fc
  .constantFrom(...units.values())
  .chain((from) =>
    fc.constantFrom(...unitsOf(from.dimension)).map((to) => ({ kind: 'unit', from: from.name, to: to.name })),
  );
const later: fc.Arbitrary<TransformStep> = fc.oneof(
  valueMap,
  fc.record({ kind: fc.constant('default' as const), value: scalar }),
  fc.record({ kind: fc.constant('number' as const), decimal: fc.constantFrom('.' as const, ',' as const) }),
  fc.record({
    kind: fc.constant('date' as const),
    order: fc.constantFrom('ymd' as const, 'dmy' as const, 'mdy' as const),
  }),
  fc.constantFrom<TransformStep>({ kind: 'lower' }, { kind: 'trim' }, { kind: 'email_domain' }),
  fc.record({
    kind: fc.constant('split' as const),
    separator: fc.constantFrom(',', ' ', '@', '.', '-', '00', 'ß', "'"),
    take: fc.constantFrom(1, 2, 3, 40, -1, -2, -40),
  }),
  fc.record({
    kind: fc.constant('money' as const),
    decimal: sign,
    code: fc.constantFrom(null, 'EUR', 'USD', 'JPY', 'BRL'),
  }),
  fc.record({ kind: fc.constant('midpoint' as const), decimal: sign }),
  unitStep,
  fc.record({
    kind: fc.constant('json_path' as const),
    path: fc.constantFrom<readonly (string | number)[]>(
      ['a'],
      ['a', 'b'],
      ['a', 1],
      ['a', 0, 'b'],
      ['b c'],
      [0],
      [1, 'a'],
    ),
  }),
);
const texts = natives.fields.filter((each) => each.type !== 'json').map((each) => each.name);
const part = fc.oneof(fc.constantFrom(' ', ', ', "'", 'é'), fc.constantFrom(...texts.map((name) => ({ field: name }))));
const first: fc.Arbitrary<TransformStep> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), value: scalar }),
  fc.record({
    kind: fc.constant('template' as const),
    parts: fc
      .array(part, { minLength: 1, maxLength: 4 })
      .filter((parts) => parts.some((each) => typeof each !== 'string')),
  }),
  fc.record({
    kind: fc.constant('concat' as const),
    fields: fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 4 }),
    separator: fc.constantFrom(' ', ', ', '', "'"),
  }),
);
const chain = fc.array(later, { maxLength: 3 });
export const mapping: fc.Arbitrary<FieldMapping> = fc
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

export const targetOf = (type: FieldType): ModelField => ({
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
export const target = fc.constantFrom(...fieldTypes).map(targetOf);
