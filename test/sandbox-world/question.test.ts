import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world/index.ts';
import { ANCHOR, all, worldOf } from './worlds.ts';

const NINETY_DAYS_MS = 90 * 86_400_000;

/** Accounts with an open renewal, more than ten tickets, and a last QBR more than ninety days ago. */
function neglected(world: World): readonly number[] {
  const lastReview = new Map<number, number>();
  for (const meeting of all(world.counts.meetings, world.meeting)) {
    if (meeting.kind !== 'QBR') continue;
    lastReview.set(meeting.account, Math.max(lastReview.get(meeting.account) ?? 0, meeting.startsAt.getTime()));
  }
  const found = new Set<number>();
  for (const deal of all(world.counts.opportunities, world.opportunity)) {
    const last = lastReview.get(deal.account);
    const open = deal.stage !== 'Gewonnen' && deal.stage !== 'Verloren';
    if (!open || deal.kind !== 'Verlängerung' || last === undefined) continue;
    if (last >= ANCHOR.getTime() - NINETY_DAYS_MS) continue;
    if (world.childrenOf('tickets', deal.account).length > 10) found.add(deal.account);
  }
  return [...found];
}

describe('which renewals are at risk', () => {
  it('has dozens of answers at scale 20,000, between 0.5 and 5 percent of the accounts in general', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = worldOf(20_000, seed);
      const share = neglected(world).length / world.counts.accounts;
      expect(neglected(world).length).toBeGreaterThanOrEqual(12);
      expect(share).toBeGreaterThan(0.005);
      expect(share).toBeLessThan(0.06);
    }
  });

  it.each(['acme', 'globex'] as const)('is never without an answer at %s, however small the world', (company) => {
    for (let seed = 0; seed < 60; seed += 1) {
      expect(neglected(worldOf(2_000, seed, company)).length).toBeGreaterThanOrEqual(3);
    }
  });

  it('needs all three conditions', () => {
    const world = worldOf(20_000);
    const answer = new Set(neglected(world));
    const busy = [...all(world.counts.accounts, (index) => index)].filter(
      (index) => world.childrenOf('tickets', index).length > 10,
    );
    const renewing = new Set(
      [...all(world.counts.opportunities, world.opportunity)]
        .filter(({ kind, stage }) => kind === 'Verlängerung' && stage !== 'Gewonnen' && stage !== 'Verloren')
        .map(({ account }) => account),
    );
    expect(busy.some((index) => !answer.has(index) && renewing.has(index))).toBe(true);
    expect(busy.some((index) => !renewing.has(index))).toBe(true);
    expect([...renewing].some((index) => !answer.has(index) && !busy.includes(index))).toBe(true);
  });
});
