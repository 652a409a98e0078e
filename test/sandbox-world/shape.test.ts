import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsFor, createWorld, endUserOfContact, contactOfEndUser } from '../../sandbox/world/index.ts';
import { ANCHOR, CHILD_KINDS, KINDS, recordOf, worldOf } from './worlds.ts';

const scales = fc.integer({ min: 2_000, max: 1_000_000 });
const seeds = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });

describe('counts', () => {
  it('add up to the scale in both systems together, within 1 %', () => {
    fc.assert(
      fc.property(scales, (scale) => {
        const counts = countsFor(scale);
        const crm = counts.users + counts.accounts + counts.contacts + counts.opportunities + counts.meetings;
        const helpDesk = counts.users + counts.endUsers + counts.accounts + counts.tickets;
        expect(Math.abs(crm + helpDesk - scale)).toBeLessThanOrEqual(scale / 100);
        for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
      }),
    );
  });

  it('refuse a scale that no world can have', () => {
    for (const scale of [0, 1_999, 1_000_001, 2_000.5, Number.NaN]) expect(() => countsFor(scale)).toThrow(/scale/);
  });

  it('number end users in the order of their contacts, without gaps', () => {
    const { contacts, endUsers } = countsFor(20_000);
    const ordinals = Array.from({ length: contacts }, (_empty, contact) => endUserOfContact(contact));
    expect(ordinals.filter((ordinal) => ordinal !== null)).toEqual(Array.from({ length: endUsers }, (_e, at) => at));
    for (let ordinal = 0; ordinal < endUsers; ordinal += 1)
      expect(endUserOfContact(contactOfEndUser(ordinal))).toBe(ordinal);
  });
});

describe('records', () => {
  it('are a function of seed, scale and index alone, in whatever order they are read', () => {
    fc.assert(
      fc.property(
        seeds,
        scales,
        fc.constantFrom(...KINDS),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (...given) => {
          const [seed, scale, kind, share] = given;
          const first = createWorld({ seed, scale, anchor: ANCHOR });
          const second = createWorld({ seed, scale, anchor: ANCHOR });
          const index = Math.floor(share * first.counts[kind]);
          recordOf(second, kind, second.counts[kind] - 1);
          expect(recordOf(second, kind, index)).toEqual(recordOf(first, kind, index));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('differ from seed to seed', () => {
    const names = [1, 2, 3, 2 ** 33 + 1].map((seed) => worldOf(20_000, seed).account(77).name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('do not exist beyond the counts', () => {
    const world = worldOf(2_000);
    for (const index of [-1, 0.5, world.counts.tickets]) expect(() => world.ticket(index)).toThrow(/tickets/);
  });
});

describe('children of accounts', () => {
  it('are found from either side, each exactly once', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 2_000, max: 9_000 }),
        fc.constantFrom(...CHILD_KINDS),
        (seed, scale, kind) => {
          const world = createWorld({ seed, scale, anchor: ANCHOR });
          const seen = new Uint8Array(world.counts[kind]);
          for (let account = 0; account < world.counts.accounts; account += 1) {
            const children = world.childrenOf(kind, account);
            expect(children).toEqual(children.toSorted((a, b) => a - b));
            for (const child of children) {
              seen[child] = (seen[child] ?? 0) + 1;
              if (world.accountOf(kind, child) !== account)
                expect.fail(`${kind} ${child} is not of account ${account}`);
            }
          }
          expect(seen.every((times) => times === 1)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('agree with the records themselves in the largest world', () => {
    const world = worldOf(1_000_000);
    for (const account of [0, 1, 4_711, 33_333, world.counts.accounts - 1]) {
      for (const index of world.childrenOf('tickets', account)) expect(world.ticket(index).account).toBe(account);
      for (const index of world.childrenOf('contacts', account)) expect(world.contact(index).account).toBe(account);
    }
  });

  it('leave no account without somebody who can write to support', () => {
    const world = worldOf(20_000);
    for (let account = 0; account < world.counts.accounts; account += 1) {
      const writers = world.childrenOf('contacts', account).filter((contact) => endUserOfContact(contact) !== null);
      expect(writers.length).toBeGreaterThan(0);
    }
  });
});
