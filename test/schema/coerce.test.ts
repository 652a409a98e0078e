import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/kernel/index.ts';
import { coerce, type FieldType, type NativeField } from '../../src/schema/index.ts';

const field = (type: FieldType, extra: Partial<NativeField> = {}): NativeField => ({
  name: 'f',
  label: 'F',
  type,
  nativeType: 'n',
  nullable: true,
  custom: false,
  writable: true,
  ...extra,
});

const cases: readonly [FieldType, Json, Json][] = [
  ['string', 'Müller', 'Müller'],
  ['string', '', ''],
  ['string', 12, '12'],
  ['string', 'a\u0000b', 'ab'],
  ['string', { a: 1 }, 'misfit'],
  ['id', 4711, '4711'],
  ['id', 2 ** 60, 'misfit'],
  ['reference', '', null],
  ['boolean', 'true', true],
  ['boolean', 1, 'misfit'],
  ['integer', 7, 7],
  ['integer', 7.5, 'misfit'],
  ['integer', '9007199254740993', 'misfit'],
  ['number', '1.5e3', 1500],
  ['number', '1.000,00', 'misfit'],
  ['number', 'NaN', 'misfit'],
  ['decimal', '12.50', 12.5],
  ['decimal', 1e17, 'misfit'],
  ['date', '2026-02-28', '2026-02-28'],
  ['date', '2026-02-30', 'misfit'],
  ['date', '2026-02-28T10:00:00Z', '2026-02-28'],
  ['datetime', '2026-11-20T08:30:00.000+0000', '2026-11-20T08:30:00.000Z'],
  ['datetime', '2026-11-20T08:30:00+02:00', '2026-11-20T06:30:00.000Z'],
  ['datetime', '2026-11-20 08:30', 'misfit'],
  ['datetime', '2026-02-30T08:30:00Z', 'misfit'],
  ['time', '09:30:00.000Z', '09:30:00'],
  ['time', '25:00', 'misfit'],
  ['multi_enum', ['a', 1], ['a', '1']],
  ['multi_enum', 'a;b', 'misfit'],
  ['enum', 'Gewonnen', 'Gewonnen'],
  ['json', [1, { a: null }], [1, { a: null }]],
];

describe('coerce', () => {
  it.each(cases)('%s of %j is %j', (type, value, expected) => {
    const result = coerce(field(type), value);
    if (expected === 'misfit') expect(result.ok).toBe(false);
    else expect(result).toEqual({ ok: true, value: expected });
  });

  it('says of a number past all numbers that it is too large', () => {
    const huge: unknown = JSON.parse('1e400');
    expect(coerce(field('number'), huge as Json)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('too large'),
    });
  });

  it('takes the scale of a decimal into account', () => {
    expect(coerce(field('decimal', { scale: 0 }), 1e17).ok).toBe(true);
    expect(coerce(field('decimal', { scale: 6 }), 1e13).ok).toBe(false);
  });

  const types = [...new Set(cases.map(([type]) => type)), 'text' as const];

  it('is idempotent: what fits once fits again unchanged', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.jsonValue(), (type, value) => {
        const once = coerce(field(type), value as Json);
        if (!once.ok) return;
        expect(coerce(field(type), once.value)).toEqual(once);
      }),
    );
  });

  it('lets a missing value pass in every type', () => {
    for (const type of types) expect(coerce(field(type), null)).toEqual({ ok: true, value: null });
  });
});
