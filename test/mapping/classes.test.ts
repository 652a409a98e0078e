import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classesJoin, classesSql } from '../../src/mapping/restrict/classes-sql.ts';
import { openDuck } from './support.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

/** Few and many, next to each other and far apart: each way of asking. */
const sets = fc.oneof(
  fc.subarray(range(1, 60)),
  fc
    .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 400 }))
    .map(([from, many]) => range(from, from + many)),
  fc.uniqueArray(fc.integer({ min: 1, max: 3_000 }), { minLength: 257, maxLength: 400 }),
  fc.uniqueArray(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 257, maxLength: 400 }),
  fc.constant('all' as const),
);

describe('the condition on access classes', () => {
  it('holds for records of these classes, and for no others, whenever they came', async () => {
    const duck = await openDuck();
    await duck.run('create table t (acl integer)');
    const of = async (condition: string | null, join = ''): Promise<unknown[]> => {
      const { length } = condition ?? '';
      const where = length === 0 ? '' : ` where ${condition}`;
      return (await duck.runAndReadAll(`select acl from t ${join}${where} order by acl nulls first`)).getRows().flat();
    };
    await fc.assert(
      fc.asyncProperty(
        sets,
        fc.array(fc.integer({ min: 1, max: 2_100_000 }), { maxLength: 20 }),
        async (classes, later) => {
          const stored = [...new Set([...later, ...(classes === 'all' ? [] : classes), 0, 1, 3_001, 2_000_001])];
          await duck.run('delete from t');
          await duck.run(`insert into t select unnest([${stored.join(', ')}]) union all select null`);
          const wanted = classes === 'all' ? [null, ...stored] : classes;
          const sorted = wanted.toSorted((a, b) => (a ?? -1) - (b ?? -1));
          expect(await of(classesSql('acl', classes))).toEqual(sorted);
          // Said twice, a class shows its records once.
          const joined = classesJoin('acl', classes === 'all' ? 'all' : [...classes, ...classes]);
          if (joined !== null) expect(await of(null, joined)).toEqual(sorted);
        },
      ),
      { numRuns: 60 },
    );
  }, 300_000);
});
