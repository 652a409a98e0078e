import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseValueUri, valueLinks } from '../../src/mcp/index.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((part) => part.isWellFormed());

describe('links to long values', () => {
  it('say the same when they come back, whatever ids and names hold', () => {
    fc.assert(
      fc.property(text, text, text, text, (native, id, field, object) => {
        const value = {
          object,
          ref: `crm/${native.replaceAll('/', '_')}/${id}`.replace(/\/+/g, '/').replace(/\/$/, '/x'),
          field: field.replaceAll('/', '_'),
        };
        const [link] = valueLinks({ long_values: [value] });
        expect(link?.uri).toMatch(/^gantry:\/\/record\/[!-~]+$/);
        expect(parseValueUri(link?.uri ?? '')).toEqual(value);
      }),
    );
  });

  it.each([
    'https://evil.example/crm/Account/1/notes?object=account',
    'gantry://record/crm/Account/1/notes',
    'gantry://record/crm/notes?object=account',
    'gantry://record//Account/1/notes?object=account',
    'gantry://record/crm/Account/%E0%A4%A/notes?object=account',
    'gantry://record/crm/Account/1/notes?object=account&x=1',
    '',
  ])('are nothing else: %s', (uri) => {
    expect(parseValueUri(uri)).toBeNull();
  });

  it('are made of what an answer names, and of nothing that only looks like it', () => {
    expect(valueLinks({ rows: [] })).toEqual([]);
    expect(valueLinks({ long_values: ['x', { ref: 1 }] })).toEqual([]);
  });
});
