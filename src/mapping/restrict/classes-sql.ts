import type { VisibleClasses } from '../catalogue.ts';

/**
 * The condition that a record's access class is one of these; null where no
 * condition is needed. A record without a class is in none. Measured over
 * 300,000 records, on top of a sum of all of them in 1.7 ms: numbers that
 * follow each other 0.3 ms, 200 listed ones 0.7 ms, bits 2 ms for however many
 * of ten thousand (listed 3 ms, joined 1 to 6 ms).
 */
export function classesSql(column: string, classes: VisibleClasses): string | null {
  if (classes === 'all') return null;
  const known = made.get(classes) ?? testOf(classes);
  made.set(classes, known);
  return known(column);
}

// The same list serves every record type of a connection, and every question.
const made = new WeakMap<readonly number[], (column: string) => string>();

function testOf(classes: readonly number[]): (column: string) => string {
  const sorted = Int32Array.from(classes).toSorted();
  const [lowest] = sorted;
  const highest = sorted.at(-1);
  if (lowest === undefined || highest === undefined) return () => 'false';
  if (highest - lowest + 1 === new Set(sorted).size) return (column) => `${column} between ${lowest} and ${highest}`;
  const list = sorted.join(',');
  if (sorted.length <= LISTED_MAX) return (column) => `${column} in (${list})`;
  if (highest > Math.max(BITS_MAX, sorted.length * DENSE)) {
    return (column) => `${column} in (select unnest('[${list}]'::integer[]))`;
  }
  const bits = Buffer.alloc(highest + 1, '0');
  for (const id of sorted) bits[id] = ONE;
  const text = bits.toString('latin1');
  // A number beyond the bits would be an error: of a class that came later.
  return (column) =>
    `case when ${column} between 0 and ${highest} then get_bit('${text}'::bit, ${column}) = 1 else false end`;
}

const LISTED_MAX = 256;
const BITS_MAX = 100_000;
/** Where numbers are no sparser than this, bits are the shorter text. */
const DENSE = 6;
const ONE = 0x31;
