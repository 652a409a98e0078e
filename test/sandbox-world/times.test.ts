import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANCHOR, all, KINDS, recordOf, worldOf } from './worlds.ts';

const DAY_MS = 86_400_000;

describe('modification times', () => {
  it('never fall with the index, are whole seconds and lie before the anchor', () => {
    const world = worldOf(200_000, 5);
    for (const kind of KINDS) {
      let before = Number.NEGATIVE_INFINITY;
      for (let index = 0; index < world.counts[kind]; index += 1) {
        const ms = world.modifiedMs(kind, index);
        if (ms < before || ms % 1000 !== 0) expect.fail(`${kind} ${index} at ${ms} after ${before}`);
        before = ms;
      }
      expect(before).toBeLessThan(ANCHOR.getTime());
    }
  });

  it('are those of the records', () => {
    const world = worldOf(20_000);
    for (const kind of KINDS) {
      for (const index of [0, 7, world.counts[kind] - 1])
        expect(recordOf(world, kind, index).modifiedAt.getTime()).toBe(world.modifiedMs(kind, index));
    }
  });

  it('reach back about two years', () => {
    const world = worldOf(20_000);
    for (const kind of ['accounts', 'contacts', 'opportunities', 'meetings', 'tickets'] as const) {
      const days = (ANCHOR.getTime() - world.modifiedMs(kind, 0)) / DAY_MS;
      expect(days).toBeGreaterThan(700);
      expect(days).toBeLessThan(760);
      const newest = ANCHOR.getTime() - world.modifiedMs(kind, world.counts[kind] - 1);
      expect(newest).toBeGreaterThan(60_000);
      expect(newest).toBeLessThan(5 * DAY_MS);
    }
  });

  it('are equal for neighbours where pages end', () => {
    const world = worldOf(1_000_000);
    for (const kind of ['accounts', 'contacts', 'opportunities', 'meetings', 'tickets'] as const) {
      for (const page of [1_000, 2_000]) {
        const edges = [...all(Math.floor((world.counts[kind] - 1) / page), (at) => (at + 1) * page)];
        expect(edges.every((edge) => world.modifiedMs(kind, edge) === world.modifiedMs(kind, edge - 1))).toBe(true);
      }
    }
  });

  it('are equal for a whole block of records once, and different for most neighbours', () => {
    const world = worldOf(1_000_000);
    const { tickets } = world.counts;
    let longest = 0;
    let run = 1;
    let equal = 0;
    for (let index = 1; index < tickets; index += 1) {
      const tied = world.modifiedMs('tickets', index) === world.modifiedMs('tickets', index - 1);
      run = tied ? run + 1 : 1;
      longest = Math.max(longest, run);
      if (tied) equal += 1;
    }
    expect(longest).toBeGreaterThanOrEqual(2_500);
    expect(longest).toBeLessThan(2_600);
    expect(equal / tickets).toBeLessThan(0.3);
  });

  it('can be entered at any moment', () => {
    const world = worldOf(20_000);
    const { tickets } = world.counts;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: tickets - 1 }), fc.integer({ min: -1, max: 1 }), (index, shift) => {
        const ms = world.modifiedMs('tickets', index) + shift;
        const first = world.firstModifiedFrom('tickets', ms);
        if (first > 0) expect(world.modifiedMs('tickets', first - 1)).toBeLessThan(ms);
        if (first < tickets) expect(world.modifiedMs('tickets', first)).toBeGreaterThanOrEqual(ms);
      }),
    );
  });
});

describe('creation times', () => {
  it('are never after the last change', () => {
    const world = worldOf(20_000, 3);
    for (const kind of KINDS) {
      for (const record of all(world.counts[kind], (index) => recordOf(world, kind, index)))
        if (record.createdAt > record.modifiedAt) expect.fail(`${kind} created ${record.createdAt.toISOString()}`);
    }
  });
});
