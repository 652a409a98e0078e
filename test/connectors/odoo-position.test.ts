import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../src/connectors/index.ts';
import { positionOf, stepAfter, stretchAfter } from '../../src/connectors/odoo/position.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';

const object: NativeObject = {
  name: 'res.partner',
  label: 'Contact',
  custom: false,
  idField: 'id',
  linkTemplate: null,
  fields: [],
};
const START = Date.UTC(2026, 0, 1);

/** A record as PostgreSQL keeps it: its stamp in microseconds, null where it was never written. */
interface Row {
  readonly id: number;
  readonly micros: number | null;
  readonly version: number;
  /** When its transaction commits and it can be read, seconds. */
  readonly visibleAt: number;
}

const secondOf = (micros: number): string =>
  new Date(START + Math.floor(micros / 1_000_000) * 1_000).toISOString().slice(0, 19).replace('T', ' ');
const microsOf = (stamp: string): number => (Date.parse(`${stamp.replace(' ', 'T')}Z`) - START) * 1_000;
const shown = ({ id, micros, version }: Row): JsonObject => ({
  id,
  version,
  write_date: micros === null ? false : secondOf(micros),
});

/** PostgreSQL's answer to a domain of ours: stamps compare to the microsecond, answers are cut to the second. */
function search(rows: readonly Row[], domain: readonly Json[], order: string, limit: number): JsonObject[] {
  const holds = (row: Row, [field, operator, value]: readonly Json[]): boolean => {
    if (field === 'write_date' && value === false) return (row.micros === null) === (operator === '=');
    if (field === 'write_date' && row.micros === null) return false;
    const [left, right] = field === 'id' ? [row.id, Number(value)] : [row.micros ?? 0, microsOf(String(value))];
    if (operator === '>=') return left >= right;
    return operator === '>' ? left > right : left < right;
  };
  const key = (row: Row): number => (order === 'id' ? 0 : (row.micros ?? 0));
  return rows
    .filter((row) => domain.every((condition) => holds(row, condition as readonly Json[])))
    .toSorted((a, b) => key(a) - key(b) || a.id - b.id)
    .slice(0, limit)
    .map(shown);
}

/** One run to its end, as the sync does it. */
function run(
  rows: readonly Row[],
  from: Cursor | null,
  limit: number,
  nowS: number,
): { read: JsonObject[]; cursor: Cursor } {
  const read: JsonObject[] = [];
  let cursor = from;
  for (let pages = 0; pages < 500; pages += 1) {
    const position = positionOf({ object, cursor }, 'write_date');
    const { domain, order } = stretchAfter(position);
    const page = search(
      rows.filter((row) => row.visibleAt <= nowS),
      domain,
      order,
      limit,
    );
    const step = stepAfter(position, page, { limit, serverTime: new Date(START + nowS * 1_000) });
    read.push(...step.rows);
    cursor = JSON.parse(JSON.stringify(step.position)) as Cursor;
    if (!step.more) return { read, cursor };
  }
  throw new Error('reading does not come to an end');
}

const LATER_S = 86_400;
/** Many in few seconds, so that seconds hold more than a page. */
const stamp = fc.option(fc.integer({ min: 0, max: 4_000_000 }), { freq: 8, nil: null });

describe('odoo position', () => {
  it('reads each settled record exactly once, however many share a second and however small the pages', () => {
    fc.assert(
      fc.property(fc.array(stamp, { maxLength: 80 }), fc.integer({ min: 1, max: 9 }), (stamps, limit) => {
        // Ids are not in the order of stamps: records are written again.
        const rows = stamps.map((micros, index) => ({
          id: ((index * 37) % 101) + 1,
          micros,
          version: 1,
          visibleAt: 0,
        }));
        const { read, cursor } = run(rows, null, limit, LATER_S);
        const inOrder = (ids: number[]): number[] => ids.toSorted((a, b) => a - b);
        expect(inOrder(read.map((row) => Number(row['id'])))).toEqual(inOrder(rows.map((row) => row.id)));
        expect(run(rows, cursor, limit, LATER_S).read).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('shows a change within the second that was read last', () => {
    const change = fc.record({ at: fc.integer({ min: 0, max: 999_999 }), which: fc.nat() });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2_999_999 }), { minLength: 1, maxLength: 40 }),
        change,
        fc.integer({ min: 1, max: 9 }),
        (stamps, { at, which }, limit) => {
          const rows = stamps.map((micros, index) => ({ id: index + 1, micros, version: 1, visibleAt: 0 }));
          const { cursor } = run(rows, null, limit, 3);
          const lastSecond = Math.max(...stamps.map((micros) => Math.floor(micros / 1_000_000)));
          const changedId = (which % rows.length) + 1;
          const changed = rows.map((row) =>
            row.id === changedId ? { ...row, micros: lastSecond * 1_000_000 + at, version: 2 } : row,
          );
          const again = run(changed, cursor, limit, 4);
          expect(again.read.map((row) => row['id'])).toEqual([changedId]);
        },
      ),
    );
  });

  it('misses no record that commits up to a quarter of an hour after its stamp', () => {
    const row = fc.record({ at: fc.integer({ min: 0, max: 7_200 }), delay: fc.integer({ min: 0, max: 890 }) });
    const pauses = fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 50 }),
        pauses,
        fc.integer({ min: 2, max: 9 }),
        (plan, waits, limit) => {
          const rows = plan.map(({ at, delay }, index) => ({
            id: index + 1,
            micros: at * 1_000_000,
            version: 1,
            visibleAt: at + delay,
          }));
          const seen = new Set<Json | undefined>();
          let cursor: Cursor | null = null;
          let now = 0;
          for (const wait of [...waits, 20_000]) {
            now += wait;
            const done = run(rows, cursor, limit, now);
            for (const each of done.read) seen.add(each['id']);
            cursor = done.cursor;
          }
          expect(seen.size).toBe(rows.length);
        },
      ),
    );
  });

  it('keeps the cursor small, whatever a second holds', () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => ({
      id: index + 1,
      micros: index,
      version: 1,
      visibleAt: 0,
    }));
    const { read, cursor } = run(rows, null, 1_000, 2);
    expect(read).toHaveLength(5_000);
    expect(JSON.stringify(cursor).length).toBeLessThan(13_000);
  });

  it('begins at a given moment', () => {
    const rows = [1, 2, 3].map((second) => ({ id: second, micros: second * 1_000_000 + 5, version: 1, visibleAt: 0 }));
    const position = positionOf({ object, cursor: null, since: new Date(START + 2_000) }, 'write_date');
    const { domain, order } = stretchAfter(position);
    expect(search(rows, domain, order, 10).map((row) => row['id'])).toEqual([2, 3]);
  });

  it.each([
    {},
    { by: 'id' },
    { by: 'write_date', unstamped: null, from: 'yesterday', after: null, floor: null, seen: [] },
  ])('refuses a stored place of another form: %j', (cursor) => {
    expect(() => positionOf({ object, cursor }, 'write_date')).toThrow(/another form/);
  });
});
