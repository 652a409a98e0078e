import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPosition, positionOf } from '../../src/connectors/salesforce/position.ts';
import type { Place } from '../../src/connectors/salesforce/soql.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import type { Cursor } from '../../src/connectors/index.ts';

const object: NativeObject = {
  name: 'Account',
  label: 'Account',
  custom: false,
  idField: 'Id',
  linkTemplate: null,
  fields: [],
};
const STAMP = 'SystemModstamp';
const START = Date.UTC(2026, 0, 1);
const iso = (seconds: number): string => new Date(START + seconds * 1_000).toISOString();

interface Row {
  readonly stamp: string;
  readonly id: string;
  /** When its transaction commits and it can be read, seconds. */
  readonly visibleAt: number;
}

/** What Salesforce answers at `now` to the query that a position stands for. */
function answer(rows: readonly Row[], after: Place | null, now: number, limit: number): Row[] {
  return rows
    .filter((row) => row.visibleAt <= now)
    .filter((row) => {
      if (after === null) return true;
      if (row.stamp !== after.stamp) return row.stamp > (after.stamp ?? '');
      return after.id === '' || row.id > after.id;
    })
    .toSorted((a, b) => (a.stamp + a.id < b.stamp + b.id ? -1 : 1))
    .slice(0, limit);
}

describe('salesforce position', () => {
  it('misses no record that commits up to ten minutes after its stamp, whatever the pages and pauses', () => {
    const row = fc.record({ at: fc.integer({ min: 0, max: 7_200 }), delay: fc.integer({ min: 0, max: 590 }) });
    const rowsOf = fc.array(row, { minLength: 1, maxLength: 60 });
    const pauses = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(rowsOf, pauses, fc.integer({ min: 1, max: 7 }), (plan, waits, limit) => {
        const rows = plan.map(({ at, delay }, index) => ({
          stamp: iso(at),
          id: String(index).padStart(4, '0'),
          visibleAt: at + delay,
        }));
        const seen = new Set<string>();
        let cursor: Cursor | null = null;
        const readOnce = (now: number): boolean => {
          const position = positionOf({ object, cursor }, STAMP);
          const page = answer(rows, position.after, now, limit);
          for (const { id } of page) seen.add(id);
          const last = page.at(-1);
          const end = last === undefined ? position.after : { stamp: last.stamp, id: last.id };
          const more = page.length === limit;
          const askedAt = new Date(START + now * 1_000);
          cursor = nextPosition(position, { end, more, askedAt, stampField: STAMP }) as unknown as Cursor;
          return more;
        };
        let now = 0;
        for (const wait of waits) {
          now += wait;
          readOnce(now);
        }
        now = Math.max(now, 8_000) + 900;
        // The run that was under way ends, and one whole run follows: it reads the unsettled stretch again.
        while (readOnce(now));
        while (readOnce(now));
        expect(seen.size).toBe(rows.length);
      }),
      { numRuns: 400 },
    );
  });

  it('rests once everything is settled: a quiet org is not read again and again', () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({
      stamp: iso(10),
      id: String(index).padStart(4, '0'),
      visibleAt: 10,
    }));
    const position = positionOf({ object, cursor: null }, STAMP);
    const last = { stamp: iso(10), id: '0049' };
    const after = nextPosition(position, {
      end: last,
      more: false,
      askedAt: new Date(START + 4_000_000),
      stampField: STAMP,
    });
    expect(after.after).toEqual(last);
    expect(answer(rows, after.after, 5_000, 100)).toEqual([]);
  });

  it('starts again from the beginning where an object has no stamp', () => {
    const position = positionOf({ object, cursor: null }, null);
    const end = { stamp: null, id: '0007' };
    const askedAt = new Date(START);
    expect(nextPosition(position, { end, more: true, askedAt, stampField: null }).after).toEqual(end);
    expect(nextPosition(position, { end, more: false, askedAt, stampField: null }).after).toBeNull();
  });

  it('refuses a cursor of another order', () => {
    expect(() => positionOf({ object, cursor: { by: 'Id', after: null, floor: null } }, STAMP)).toThrow(
      expect.objectContaining({ code: 'cursor_expired' }) as Error,
    );
  });
});
