import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFilter, matches, operandsOf, parseFilter, type TypedValue } from '../../src/filter/index.ts';
import { GantryError, limits, type Json } from '../../src/kernel/index.ts';

const parse = (json: Json) => parseFilter(json, { where: 'filter' });

function bodyOf(json: Json): object {
  try {
    parse(json);
  } catch (error) {
    if (error instanceof GantryError) return error.toBody();
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the forms', () => {
  it('shorthand means the same as the long form', () => {
    const pairs: readonly (readonly [Json, Json])[] = [
      [{ stage: 'won' }, { field: 'stage', op: 'eq', value: 'won' }],
      [{ stage: ['won', 'lost'] }, { field: 'stage', op: 'in', value: ['won', 'lost'] }],
      [{ stage: null }, { field: 'stage', op: 'is_null', value: true }],
      [
        { field: 'stage', op: 'ne', value: null },
        { field: 'stage', op: 'is_null', value: false },
      ],
      [
        { amount: { gt: 1, lt: 9 } },
        {
          and: [
            { field: 'amount', op: 'gt', value: 1 },
            { field: 'amount', op: 'lt', value: 9 },
          ],
        },
      ],
      [{ a: 1, b: 2 }, { and: [{ a: 1 }, { b: 2 }] }],
      [{ due: { ago: '1d' } }, { field: 'due', op: 'eq', value: { ago: '1d' } }],
      [{ a: 1, or: [{ b: 2 }, { c: 3 }] }, { and: [{ a: 1 }, { or: [{ b: 2 }, { c: 3 }] }] }],
      // A field that happens to be called "field".
      [{ field: 'x' }, { field: 'field', op: 'eq', value: 'x' }],
    ];
    for (const [short, long] of pairs) expect(parse(short)).toEqual(parse(long));
  });

  it('measures keep their relation, field and inner filter', () => {
    expect(
      parse({ field: { count: 'account.tickets', where: { priority: 'urgent' } }, op: 'gt', value: 10 }),
    ).toMatchObject({
      operand: {
        kind: 'measure',
        measure: 'count',
        relation: 'account.tickets',
        field: null,
        where: { kind: 'compare' },
      },
    });
    const max = parse({ field: { max: 'account.meetings.held_at' }, op: 'lt', value: { ago: '90d' } });
    expect(max).toMatchObject({
      operand: { measure: 'max', relation: 'account.meetings', field: 'held_at', where: null },
      value: { kind: 'relative', sign: -1, amount: 90, unit: 'd' },
    });
    expect(operandsOf({ kind: 'not', not: { kind: 'and', all: [max] } })).toHaveLength(1);
  });
});

describe('mistakes, each with its place', () => {
  const cases: readonly (readonly [json: Json, body: object])[] = [
    [[], { code: 'query_shape_invalid', where: 'filter' }],
    ['won', { code: 'query_shape_invalid', where: 'filter' }],
    [{ and: [] }, { code: 'query_shape_invalid', where: 'filter.and' }],
    [{ or: { a: 1 } }, { code: 'query_shape_invalid', where: 'filter.or' }],
    [{ and: [{ a: 1 }, 3] }, { code: 'query_shape_invalid', where: 'filter.and[1]' }],
    [{ not: [1] }, { code: 'query_shape_invalid', where: 'filter.not' }],
    [
      { field: 'a', op: 'eq', value: 1, valeu: 2 },
      { code: 'query_shape_invalid', where: 'filter.valeu', suggestions: ['value'] },
    ],
    [
      { field: 'a', op: 'equals', value: 1 },
      { code: 'query_op_invalid', where: 'filter.op', suggestions: ['eq'] },
    ],
    [{ a: { greater: 1 } }, { code: 'query_op_invalid', where: 'filter.a.greater' }],
    [{ a: { '>=': 1 } }, { code: 'query_op_invalid', suggestions: ['gte'] }],
    [{ a: {} }, { code: 'query_shape_invalid', where: 'filter.a' }],
    [
      { field: 'a', op: 'gt' },
      { code: 'query_value_invalid', where: 'filter.value' },
    ],
    [{ a: { gt: null } }, { code: 'query_value_invalid', where: 'filter.a.gt' }],
    [{ a: { gt: [1] } }, { code: 'query_value_invalid' }],
    [{ a: { in: [] } }, { code: 'query_value_invalid' }],
    [{ a: { in: [1, null] } }, { code: 'query_value_invalid', where: 'filter.a.in[1]' }],
    [{ a: { is_null: 'yes' } }, { code: 'query_value_invalid' }],
    [{ a: { contains: 3 } }, { code: 'query_value_invalid' }],
    [{ a: { lt: { ago: '90 days' } } }, { code: 'query_value_invalid', where: 'filter.a.lt.ago' }],
    [{ a: { lt: { before: '90d' } } }, { code: 'query_value_invalid' }],
    [{ a: { lt: { ago: '90d', ahead: '1d' } } }, { code: 'query_value_invalid' }],
    [{ a: 'x\0' }, { code: 'query_value_invalid' }],
    [{ a: '\ud800' }, { code: 'query_value_invalid' }],
    [{ 'a..b': 1 }, { code: 'query_shape_invalid' }],
    [{ '': 1 }, { code: 'query_shape_invalid' }],
    [
      { field: { count: 'a', max: 'b' }, op: 'gt', value: 1 },
      { code: 'query_shape_invalid', where: 'filter.field.max' },
    ],
    [
      { field: { max: 'held_at' }, op: 'gt', value: 1 },
      { code: 'query_shape_invalid', where: 'filter.field.max' },
    ],
    [
      { field: { where: {} }, op: 'gt', value: 1 },
      { code: 'query_shape_invalid', where: 'filter.field' },
    ],
    [
      { field: 3, op: 'gt', value: 1 },
      { code: 'query_shape_invalid', where: 'filter.field' },
    ],
    [nested(limits.filterDepthMax + 1), { code: 'query_too_large' }],
    [{ and: Array.from({ length: limits.filterNodesMax }, () => ({ a: 1 })) }, { code: 'query_too_large' }],
    [{ a: Array.from({ length: limits.filterListItemsMax + 1 }, (_, index) => index) }, { code: 'query_too_large' }],
  ];
  it.each(cases)('%j', (json, body) => {
    expect(bodyOf(json)).toMatchObject(body);
  });

  it('are found all at once where that is asked for, in the order of the text', () => {
    const wrong = { a: { neq: 1, gt: null }, or: [{ b: { in: [] } }, 3, { c: 1 }], not: { field: 'd', op: 'is' } };
    const checked = checkFilter(wrong, { where: 'filter' });
    expect(checked.kind === 'ok' ? [] : checked.mistakes.map((each) => each.details.where)).toEqual([
      'filter.a.neq',
      'filter.a.gt',
      'filter.or[0].b.in',
      'filter.or[1]',
      'filter.not.op',
    ]);
    expect(checkFilter({ a: 1 }, { where: 'filter' })).toEqual({ kind: 'ok', filter: parse({ a: 1 }) });
  });

  it('whatever arrives, the answer is a filter or an error for the caller', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (json) => {
        try {
          parse(json as Json);
        } catch (error) {
          expect(error).toBeInstanceOf(GantryError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('two-valued logic', () => {
  it('not is the exact complement, missing values included', () => {
    const value = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3 }));
    const filter = fc.oneof(
      fc.record({ op: fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte'), value: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ op: fc.constant('is_null'), value: fc.boolean() }),
    );
    fc.assert(
      fc.property(value, filter, (stored, test) => {
        const row = { now: new Date(0), where: 'test', read: (): TypedValue => ({ kind: 'number', value: stored }) };
        const plain = matches(parse({ field: 'n', ...test }), row);
        expect(matches(parse({ not: { field: 'n', ...test } }), row)).toBe(!plain);
        if (stored === null && test.op !== 'is_null') expect(plain).toBe(test.op === 'ne');
      }),
    );
  });

  it('months and years are calendar ones', () => {
    const on = (now: string, span: Json, stored: string) =>
      matches(parse({ day: span }), {
        now: new Date(now),
        where: 'test',
        read: () => ({ kind: 'date', value: stored }),
      });
    expect(on('2026-03-31T12:00:00Z', { ago: '1m' }, '2026-02-28')).toBe(true);
    expect(on('2024-02-29T12:00:00Z', { ahead: '1y' }, '2025-02-28')).toBe(true);
    expect(on('2026-11-20T00:30:00Z', { ago: '1h' }, '2026-11-19')).toBe(true);
    expect(on('2026-11-20T00:30:00Z', { ago: '2w' }, '2026-11-06')).toBe(true);
  });
});

function nested(depth: number): Json {
  let json: Json = { a: 1 };
  for (let level = 0; level < depth; level += 1) json = { not: json };
  return json;
}
