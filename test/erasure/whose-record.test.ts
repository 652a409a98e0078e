import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { whoseRecord } from '../../src/app/erasure/whose-record.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';

const object = (fields: readonly { readonly name: string; readonly nativeType: string }[]): NativeObject =>
  ({
    name: 'Contact',
    label: 'Contact',
    fields,
    custom: false,
    idField: 'Id',
    linkTemplate: null,
  }) as unknown as NativeObject;
const jane = { email: 'jane@example.com', texts: ['jane@example.com', 'jane roe'] };
const whose = (doc: JsonObject, id = 'x', of = object([{ name: 'Private__c', nativeType: 'email' }])) =>
  whoseRecord({ id, doc }, of, jane);

describe('whose a record is', () => {
  it('is said by fields for e-mail addresses, by type or by name, and by an id that is one', () => {
    expect(whose({ Private__c: ' Jane@Example.com ' })).toEqual({ kind: 'own' });
    expect(whose({ email_normalized: 'JANE@example.com' })).toEqual({ kind: 'own' });
    expect(whose({ Email: 'jane@example.com' })).toEqual({ kind: 'own' });
    expect(whose({}, 'Jane@example.com')).toEqual({ kind: 'own' });
    expect(whose({ Email: 'jane@example.com, john@example.com' })).toEqual({ kind: 'mention', fields: ['Email'] });
    expect(whose({ Contact_Email_Text: 'jane@example.com' })).toEqual({
      kind: 'mention',
      fields: ['Contact_Email_Text'],
    });
    expect(whose({ Private__c: 'xjane@example.com' })).toEqual({ kind: 'mention', fields: ['Private__c'] });
    expect(whose({ Private__c: 'john@example.com' })).toEqual({ kind: 'nobody' });
    expect(whoseRecord({ id: 'x', doc: { Email: 'jane@example.com' } }, null, { email: null, texts: [] })).toEqual({
      kind: 'nobody',
    });
  });

  it('names every field in which a text stands, however deep, and no other', () => {
    const wrapped = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<Json>('Call Jane Roe now', 'JANE@EXAMPLE.COM'),
        fc.array(tie('value'), { minLength: 1, maxLength: 2 }),
        fc.record({ a: tie('value') }),
        tie('value').map((value) => ({ 'about jane roe': null, b: value })),
      ),
    })).value;
    const plain = fc.jsonValue().filter((value) => !/jane/i.test(JSON.stringify(value))) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-d]$/), wrapped),
        fc.dictionary(fc.stringMatching(/^[p-s]$/), plain),
        (naming, rest) => {
          const found = whoseRecord({ id: 'x', doc: { ...naming, ...rest } }, null, jane);
          const fields = Object.keys(naming);
          expect(found).toEqual(fields.length === 0 ? { kind: 'nobody' } : { kind: 'mention', fields });
        },
      ),
    );
  });
});
