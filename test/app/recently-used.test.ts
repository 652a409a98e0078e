import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRecentlyUsed } from '../../src/app/recently-used.ts';

it('keeps exactly the entries that were used last', () => {
  const step = fc.record({ key: fc.nat({ max: 5 }), write: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40 }), (max, steps) => {
      const recent = createRecentlyUsed<number, string>(max);
      // Keys in the order of use, the last used last.
      let order: number[] = [];
      for (const { key, write } of steps) {
        const known = order.includes(key);
        if (write) recent.set(key, String(key));
        else expect(recent.get(key)).toBe(known ? String(key) : undefined);
        if (write || known) order = [...order.filter((other) => other !== key), key].slice(-max);
      }
    }),
  );
});
