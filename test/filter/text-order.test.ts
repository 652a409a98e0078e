import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareText, foldCase } from '../../src/filter/text-order.ts';

it('folds every code point as DuckDB does', async () => {
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const result = await duck.runAndReadAll(
    // Behind an "x", because the driver drops a byte order mark at the beginning of a text.
    `select i::integer, lower('x' || chr(i::integer)) from range(1, 1114112) r(i) where i not between 55296 and 57343`,
  );
  const different = result
    .getRows()
    .filter(([code, lower]) => foldCase(`x${String.fromCodePoint(Number(code))}`) !== lower)
    .map(([code, lower]) => `${Number(code).toString(16)}: ${String(lower)}`);
  expect(different).toEqual([]);
});

it('orders text as DuckDB does, half pairs included', async () => {
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const letters = fc.string({
    unit: fc.constantFrom('a', 'B', 'ä', 'ß', '\uFFFD', '\uE000', '😀', '😁', '\u{10FFFF}', ' '),
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(letters, { minLength: 1, maxLength: 20 }), async (texts) => {
      const values = texts.map((_, index) => `($${index + 1}::varchar)`).join(', ');
      const result = await duck.runAndReadAll(`select v from (values ${values}) t(v) order by v`, texts);
      expect(texts.toSorted(compareText)).toEqual(result.getRows().map(([text]) => text));
    }),
    { numRuns: 60 },
  );
});
