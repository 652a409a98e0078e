import { describe, expect, it } from 'vitest';
import { differences } from '../../torture/checker/compare.ts';
import { firstEarly, mostWithin } from '../../torture/checker/invariants.ts';
import { countedAcks, firstTurned } from '../../torture/checker/told.ts';
import { plain } from '../../torture/checker/truth.ts';
import type { Exchange } from '../../torture/proxy/exchange.ts';
import type { Arrival } from '../../torture/stage/receiver.ts';

const records = (entries: Record<string, string | null>) =>
  new Map(Object.entries(entries).map(([id, name]) => [id, { name }]));

describe('the checker', () => {
  it('finds nothing where both have the same (I1, I2)', () => {
    expect(differences(records({ a: 'x', b: null }), records({ a: 'x', b: null }), new Set(['c']))).toEqual([]);
  });

  it.each([
    ['a lost record', { a: 'x' }, {}, [], 'I1', 'a is missing'],
    ['a record that is marked as deleted', { a: 'x' }, {}, ['a'], 'I1', 'a is marked as deleted, and lives'],
    ['an old value', { a: 'x' }, { a: 'y' }, [], 'I1', 'a name is y, and should be x'],
    ['a value that is gone', { a: null }, { a: 'y' }, [], 'I1', 'a name is y, and should be null'],
    ['a record that should be gone', {}, { a: 'x' }, [], 'I2', 'a lives on'],
  ] as const)('finds %s', (...[_what, there, ours, gone, invariant, what]) => {
    expect(differences(records(there), records(ours), new Set(gone))).toEqual([
      expect.objectContaining({ invariant, id: 'a', what: expect.stringContaining(what) as string }),
    ]);
  });

  it('compares moments and not their spelling', () => {
    const spelled = ['2026-01-02T03:04:05.000+0000', '2026-01-02T03:04:05Z', '2026-01-02 03:04:05'];
    expect(new Set(spelled.map((text) => plain('write_date', text)))).toEqual(new Set(['2026-01-02T03:04:05.000Z']));
    expect([plain('name', false), plain('name', ''), plain('x', 12.5)]).toEqual([null, null, '12.5']);
  });

  const call = (at: number, more: Partial<Exchange> = {}): Exchange => ({
    at,
    method: 'GET',
    path: '/x',
    fault: null,
    limitedUntil: null,
    bearer: 'one',
    ...more,
  });

  it('finds a call that came before the provider allowed it (I8, S11)', () => {
    const limited = call(1_000, { limitedUntil: 4_000, fault: 'limited' });
    expect(firstEarly([limited, call(2_500)])).toMatchObject({ ms: 1_500 });
    expect(firstEarly([limited, call(4_000)])).toBeNull();
    // On its way already, another account, and no time given.
    expect(firstEarly([limited, call(1_100)])).toBeNull();
    expect(firstEarly([limited, call(2_500, { bearer: 'two' })])).toBeNull();
    expect(firstEarly([call(1_000, { fault: 'limited' }), call(1_001)])).toBeNull();
  });

  it('counts the most calls of any span, wherever it begins (I8, S11)', () => {
    expect(mostWithin([], 60)).toBe(0);
    expect(mostWithin([0, 30, 59, 60, 61], 60)).toBe(4);
    expect(mostWithin([0, 60, 120], 60)).toBe(1);
  });

  const arrival = (sequence: number, status = 204, ref = 'crm/Contact/1'): Arrival => ({
    at: 0,
    id: `evt_${String(sequence)}`,
    sequence,
    ref,
    status,
  });

  it('finds an event that was told after a later one of the same record (I2, H2)', () => {
    expect(firstTurned([arrival(1), arrival(3), arrival(2)])).toMatchObject({ sequence: 2 });
    // Of another record; told again; and after one that was not accepted.
    expect(firstTurned([arrival(3), arrival(2, 204, 'crm/Contact/2')])).toBeNull();
    expect(firstTurned([arrival(1), arrival(2), arrival(1)])).toBeNull();
    expect(firstTurned([arrival(2, 500), arrival(1), arrival(2)])).toBeNull();
  });

  it('counts acknowledged deliveries by the record that they are about (H4)', () => {
    const ack = { at: 1, tenant: 'globex', connection: 'erp', object: 'res.partner', id: '7' };
    const { at: _at, ...about } = ack;
    expect(countedAcks([ack, { ...ack, at: 2 }, { ...ack, id: '8' }])).toEqual([
      { ...about, told: 2 },
      { ...about, id: '8', told: 1 },
    ]);
  });
});
