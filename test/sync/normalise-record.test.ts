import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, contentHash, type Json } from '../../src/kernel/index.ts';
import { coerce } from '../../src/schema/index.ts';
import type { NativeRecord } from '../../src/connectors/index.ts';
import type { NativeField, NativeObject } from '../../src/schema/index.ts';
import { normaliseRecord } from '../../src/sync/index.ts';

const field = (name: string, type: NativeField['type']): NativeField => ({
  name,
  label: name,
  type,
  nativeType: type,
  nullable: true,
  custom: false,
  writable: true,
});

const object: NativeObject = {
  name: 'Opportunity',
  label: 'Opportunity',
  custom: false,
  idField: 'Id',
  linkTemplate: null,
  fields: [field('Id', 'id'), field('Name', 'string'), field('Amount', 'decimal'), field('CloseDate', 'date')],
};

const record = (values: NativeRecord['values'], extra: Partial<NativeRecord> = {}): NativeRecord => ({
  id: '006A',
  modifiedAt: new Date('2026-01-01T00:00:00Z'),
  deleted: false,
  values,
  ...extra,
});

describe('normaliseRecord', () => {
  it('keeps known fields that fit, in one spelling', () => {
    const normal = normaliseRecord(
      object,
      record({ Name: 'Äpfel', Id: '006A', Amount: '12.50', Other: 1, CloseDate: '' }),
    );
    expect(normal.docText).toBe('{"Amount":12.5,"Id":"006A","Name":"Äpfel"}');
    expect(normal.misfits).toEqual([]);
  });

  it('sets aside what does not fit, with the reason, and keeps the rest', () => {
    const normal = normaliseRecord(object, record({ Name: 'x', Amount: 'viel', CloseDate: '2026-02-30' }));
    expect(JSON.parse(normal.docText)).toEqual({ Name: 'x' });
    expect(normal.misfits).toEqual([
      { field: 'Amount', reason: 'expected a number, got text', value: 'viel' },
      { field: 'CloseDate', reason: 'expected a date such as 2026-01-31', value: '2026-02-30' },
    ]);
  });

  it('gives equal documents equal hashes, whatever the order and spelling upstream', () => {
    const one = normaliseRecord(object, record({ Name: 'x', Amount: 1 }));
    const two = normaliseRecord(object, record({ Amount: '1.0', Name: 'x', CloseDate: null }));
    expect(two.hash).toBe(one.hash);
    expect(normaliseRecord(object, record({ Name: 'y', Amount: 1 })).hash).not.toBe(one.hash);
  });

  it('spells every document canonically, with each value as its type keeps it', () => {
    const types = ['id', 'reference', 'string', 'text', 'enum', 'integer', 'json', 'multi_enum', 'boolean'] as const;
    const names = fc.uniqueArray(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('10', '9', 'constructor')), {
      maxLength: 8,
    });
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant('a\u2028b\u0085'), fc.jsonValue());
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.tuple(fc.constantFrom(...types), value)), (all, stream) => {
        const drawn = all.map((name) => ({ name, of: stream.next().value as [NativeField['type'], Json] }));
        const fields = drawn.map(({ name, of: [type] }) => field(name, type));
        const kept: [string, Json][] = [];
        for (const [index, { name, of }] of drawn.entries()) {
          const coerced = of[1] === null ? null : coerce(fields[index] ?? field('', 'id'), of[1]);
          if (coerced?.ok === true && coerced.value !== null) kept.push([name, coerced.value]);
        }
        const values = Object.fromEntries(drawn.map(({ name, of }) => [name, of[1]]));
        const normal = normaliseRecord({ ...object, fields }, record(values));
        expect(normal.docText).toBe(canonicalJson(Object.fromEntries(kept)));
        expect(normal.hash).toBe(contentHash(normal.docText));
      }),
    );
  });

  it.each([
    '"',
    'a"b',
    '\\',
    'a\\b',
    '\n',
    'a\tb',
    '\u0000',
    '\u001f',
    '\u007f',
    '\ud800',
    'a\udfffb',
    '😀',
    ' ',
    '!#[]~',
  ])('spells the text %j as JSON does', (text) => {
    for (const type of ['id', 'reference', 'string', 'text', 'enum'] as const) {
      const spelled: NativeObject = { ...object, fields: [field('Name', type)] };
      const coerced = coerce(field('Name', type), text);
      const wanted = coerced.ok && coerced.value !== null ? { Name: coerced.value } : {};
      expect(normaliseRecord(spelled, record({ Name: text })).docText).toBe(canonicalJson(wanted));
    }
  });

  it('turns a deletion into a tombstone that differs from every document', () => {
    const gone = normaliseRecord(object, record({}, { deleted: true }));
    expect(gone).toMatchObject({ deleted: true, docText: '{}', misfits: [] });
    expect(gone.hash).not.toBe(normaliseRecord(object, record({})).hash);
  });
});
