import { describe, expect, it } from 'vitest';
import { isSpelling } from '../../src/connectors/kit/write-spelling.ts';
import { isSpellingThere as inOdoo } from '../../src/connectors/odoo/writes/spelling.ts';
import { isSpellingThere as inSalesforce } from '../../src/connectors/salesforce/writes/spelling.ts';
import { sameInGoogle } from '../../src/connectors/google-calendar/writes/settle.ts';
import { sameField as sameInZendesk } from '../../src/connectors/zendesk/writes/settle.ts';
import type { Json } from '../../src/kernel/index.ts';
import type { FieldType, NativeField } from '../../src/schema/index.ts';

const field = (type: FieldType, more: Partial<NativeField> = {}): NativeField => ({
  name: 'f',
  label: 'F',
  type,
  nativeType: type,
  nullable: true,
  custom: false,
  writable: true,
  ...more,
});

const inZendesk = (of: NativeField, sent: Json, stands: Json): boolean => isSpelling(of, sent, stands, sameInZendesk);
const inGoogle = (of: NativeField, sent: Json, stands: Json): boolean => isSpelling(of, sent, stands, sameInGoogle);

type Case = readonly [of: NativeField, sent: Json, stands: Json, ours: boolean];

const everywhere: readonly Case[] = [
  [field('text'), ' zwei\nZeilen ', 'zwei\r\nZeilen', true],
  [field('text'), 'Jose\u0301', 'José', true],
  [field('text'), 'abc', 'abd', false],
  [field('string'), 'Anna', 'anna', false],
  [field('string'), null, 'theirs', false],
  [field('string'), '', null, true],
  [field('datetime'), '2026-01-01T12:00:00.700Z', '2026-01-01T12:00:00.000Z', true],
  [field('datetime'), '2026-01-01T13:00:00+01:00', '2026-01-01T12:00:00.000Z', true],
  [field('datetime'), '2026-01-01T12:00:00.000Z', '2026-01-01T12:00:01.000Z', false],
  [field('decimal', { scale: 2 }), 12.345, 12.35, true],
  [field('decimal', { scale: 2 }), 12.34, 12.35, false],
  [field('number'), 0.1 + 0.2, 0.3, true],
  [field('number'), 12.345, 12.35, false],
  [field('integer'), 7, 8, false],
  [field('boolean'), true, false, false],
  [field('multi_enum'), ['b', 'a'], ['a', 'b'], true],
  [field('multi_enum'), ['a'], ['a', 'b'], false],
  [field('json'), { a: 1, b: 2 }, { b: 2, a: 1 }, true],
];

describe('a value as a provider gives it back', () => {
  it.each([
    ['salesforce', inSalesforce],
    ['odoo', inOdoo],
    ['zendesk', inZendesk],
    ['google-calendar', inGoogle],
  ] as const)('is told from what somebody else has put there: %s', (_name, told) => {
    for (const [of, sent, stands, ours] of everywhere) {
      expect(told(of, sent, stands), JSON.stringify([of.type, sent, stands])).toBe(ours);
    }
  });

  const own: readonly (readonly [typeof inOdoo, ...Case])[] = [
    [inSalesforce, field('reference'), '001000000000001', '001000000000001AAA', true],
    [inSalesforce, field('reference'), '001000000000001', '001000000000002AAA', false],
    [inSalesforce, field('string'), '001000000000001', '001000000000001AAA', false],
    [inSalesforce, field('string', { nativeType: 'email' }), 'A@B.example', 'a@b.example', true],
    [inSalesforce, field('string', { nativeType: 'email' }), 'a@b.example', 'c@b.example', false],
    [inOdoo, field('text', { nativeType: 'html' }), 'a < b\nc', '<p>a &lt; b<br>c</p>', true],
    [inOdoo, field('text', { nativeType: 'html' }), 'abc', '<p>abc <b>d</b></p>', false],
    [inOdoo, field('text', { nativeType: 'html' }), 'abc', '<p>abd</p>', false],
    [inOdoo, field('json', { nativeType: 'many2many' }), ['2', '1'], [1, 2], true],
    [inOdoo, field('json', { nativeType: 'many2many' }), ['2', '1'], [1, 2, 3], false],
    [inOdoo, field('decimal', { nativeType: 'monetary', scale: 4 }), 12.345, 12.35, true],
    [inOdoo, field('decimal', { nativeType: 'monetary', scale: 4 }), 12.34, 12.35, false],
    [inOdoo, field('decimal', { nativeType: 'monetary', scale: 4 }), 12.4, 12, false],
    [inZendesk, field('multi_enum', { name: 'tags' }), ['Neu'], ['neu'], true],
    [inZendesk, field('multi_enum', { name: 'tags' }), ['Neu'], ['alt'], false],
    [inZendesk, field('string', { name: 'email' }), 'A@B.example', 'a@b.example', true],
    [
      inGoogle,
      field('json', { name: 'attendees' }),
      ['A@b.example'],
      [{ email: 'a@b.example', responseStatus: 'needsAction' }],
      true,
    ],
    [inGoogle, field('json', { name: 'attendees' }), ['a@b.example'], [{ email: 'c@b.example' }], false],
  ];

  it.each(own)('%o: what each makes of its own', (told, of, sent, stands, ours) => {
    expect(told(of, sent, stands)).toBe(ours);
  });
});
