import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordImage, WriteItem } from '../../src/connectors/index.ts';
import { isSame, settleByImage } from '../../src/connectors/kit/write-settle.ts';
import type { Json } from '../../src/kernel/index.ts';

type Values = Readonly<Record<string, Json>>;
const item = (values: Values): WriteItem => ({ key: 'k', recordId: 'r', values, match: null, ifVersion: null });
const image = (values: Values, version: string | null, missing = false): RecordImage => ({
  id: 'r',
  missing,
  version,
  values,
});

const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.integer(), fc.string(), fc.boolean()), {
  minKeys: 1,
});
const fill = (given: Values): Values => ({ a: null, b: null, c: null, ...given });

describe('what became of a change, by how the record stands', () => {
  it('is proven not to have happened only where the record is as it was before', () => {
    fc.assert(
      fc.property(values, values, values, fc.constantFrom('1', '2'), (meant, was, stands, version) => {
        const before = image(fill(was), '1');
        const now = image(version === '1' ? fill(was) : fill(stands), version);
        const settled = settleByImage(item(meant), 'update', now, before);
        const asMeant = Object.entries(meant).every(([field, value]) =>
          isSame(field, value, now.values[field] ?? null),
        );
        expect(settled.kind).toBe(asMeant ? 'applied' : version === '1' ? 'not_applied' : 'unclear');
      }),
    );
  });

  it.each([
    ['gone', image({}, null, true), 'unclear', 'applied'],
    ['there', image({ a: 1 }, '1'), 'not_applied', 'not_applied'],
  ] as const)('of a record that is %s', (_name, now, updated, deleted) => {
    const before = image({ a: 1 }, '1');
    expect(settleByImage(item({ a: 2 }), 'update', now, before).kind).toBe(updated);
    expect(settleByImage(item({}), 'delete', now, before).kind).toBe(deleted);
  });

  it('goes by the fields where the provider has no versions', () => {
    const before = image({ a: 1, b: 1 }, null);
    expect(settleByImage(item({ a: 2 }), 'update', image({ a: 1, b: 9 }, null), before).kind).toBe('not_applied');
    expect(settleByImage(item({ a: 2 }), 'update', image({ a: 3, b: 1 }, null), before).kind).toBe('unclear');
    expect(settleByImage(item({ a: 2 }), 'update', image({ a: 1 }, null), undefined).kind).toBe('unclear');
  });

  it('takes values for the same that providers write otherwise', () => {
    expect(isSame('x', ' Anna ', 'Anna')).toBe(true);
    expect(isSame('x', '2026-01-01T10:00:00.000Z', '2026-01-01T11:00:00+01:00')).toBe(true);
    expect(isSame('x', 12.5, '12.50')).toBe(true);
    expect(isSame('x', ['b', 'a'], ['a', 'b'])).toBe(true);
    expect(isSame('x', '', null)).toBe(true);
    expect(isSame('x', null, 0)).toBe(false);
    expect(isSame('x', ['a'], ['a', 'a'])).toBe(false);
    expect(isSame('x', 'a', 'A')).toBe(false);
  });
});
