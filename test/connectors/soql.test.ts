import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodedSoql, fieldGroups, quoted, selectSoql } from '../../src/connectors/salesforce/soql.ts';

describe('soql', () => {
  it('reads a stretch in change order by keyset', () => {
    const soql = selectSoql({
      object: 'Account',
      fields: ['Id', 'SystemModstamp', 'Name'],
      stampField: 'SystemModstamp',
      after: { stamp: '2026-01-01T00:00:00.000Z', id: '001A' },
      upTo: { stamp: '2026-02-01T00:00:00.000Z', id: '001B' },
      limit: 2_000,
    });
    expect(soql).toBe(
      'SELECT Id, SystemModstamp, Name FROM Account WHERE ' +
        "(SystemModstamp > 2026-01-01T00:00:00.000Z OR (SystemModstamp = 2026-01-01T00:00:00.000Z AND Id > '001A')) AND " +
        "(SystemModstamp < 2026-02-01T00:00:00.000Z OR (SystemModstamp = 2026-02-01T00:00:00.000Z AND Id <= '001B')) " +
        'ORDER BY SystemModstamp, Id LIMIT 2000',
    );
  });

  it('reads objects without a stamp by id', () => {
    const soql = selectSoql({
      object: 'X__c',
      fields: ['Id'],
      stampField: null,
      after: { stamp: null, id: 'a0X1' },
      limit: 10,
    });
    expect(soql).toBe("SELECT Id FROM X__c WHERE Id > 'a0X1' ORDER BY Id LIMIT 10");
  });

  it('quotes so that no text ends its literal', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const inner = quoted(text).slice(1, -1);
        expect(inner.replaceAll(/\\[\\']/g, '')).not.toMatch(/['\\]/);
        expect(inner.replaceAll(/\\([\\'])/g, '$1')).toBe(text);
      }),
    );
  });

  it('encodes so that the server reads the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(new URLSearchParams(`q=${encodedSoql(text)}`).get('q')).toBe(text);
      }),
    );
  });

  it('splits field lists that would not fit, losing and repeating none', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[A-Z][a-z]{0,38}__c$/), { maxLength: 120 });
    fc.assert(
      fc.property(names, fc.integer({ min: 60, max: 900 }), (list, bytesMax) => {
        const groups = fieldGroups(list, bytesMax);
        expect(groups.flat()).toEqual(list);
        for (const group of groups) expect(encodedSoql(group.join(', ')).length).toBeLessThanOrEqual(bytesMax);
      }),
    );
  });

  it('keeps 900 long custom fields within 16,384 bytes per address', () => {
    const list = Array.from({ length: 900 }, (_, index) => `Ein_sehr_langer_Feldname_${String(index)}__c`);
    const place = { stamp: '2026-01-01T00:00:00.000Z', id: '001A' };
    for (const fields of fieldGroups(list)) {
      const selection = { object: 'Account', fields, stampField: 'SystemModstamp', limit: 2_000 };
      const soql = selectSoql({ ...selection, after: place, upTo: place });
      expect(encodedSoql(soql).length).toBeLessThan(16_384 - 4_096);
    }
  });
});
