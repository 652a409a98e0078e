import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamId, tenantId } from '../../src/kernel/index.ts';
import { neverS } from '../../src/manifest/index.ts';
import { latestRun, nextRun } from '../../src/sync/next-run.ts';

const at = (tenant: number, id: number): Parameters<typeof nextRun>[1] => ({
  tenant: tenantId(tenant),
  id: streamId(id),
});

describe('the next run of a stream', () => {
  it('comes after half to one and a half intervals, and then at the same moments', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 604_800 }),
        fc.integer({ min: 1, max: 50_000 }),
        fc.integer({ min: 1, max: 500 }),
        fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        fc.double({ min: 0, max: 0.49, noNaN: true }),
        (everyS, tenant, id, now, share) => {
          const next = nextRun({ everyS }, at(tenant, id), now);
          const waitMs = next.getTime() - now.getTime();
          expect(waitMs).toBeGreaterThanOrEqual(everyS * 500);
          expect(waitMs).toBeLessThanOrEqual(everyS * 1_500 + 1);
          const ranMs = Math.floor(everyS * 1_000 * share);
          const after = nextRun({ everyS }, at(tenant, id), new Date(next.getTime() + ranMs));
          expect(after.getTime() - next.getTime()).toBe(everyS * 1_000);
        },
      ),
    );
  });

  it('is spread: of 5,000 streams that were read at once no second has more than twice its share', () => {
    const now = new Date('2026-11-21T10:00:00Z');
    const perSecond = new Map<number, number>();
    for (let tenant = 1; tenant <= 1_000; tenant += 1) {
      for (let id = 1; id <= 5; id += 1) {
        const second = Math.floor(nextRun({ everyS: 300 }, at(tenant, id), now).getTime() / 1_000);
        perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
      }
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(2 * Math.ceil(5_000 / 300));
    expect(perSecond.size).toBeGreaterThan(290);
  });

  it('is at fixed times in a time zone where the manifest says so, over the change of the clocks', () => {
    const times = { everyS: 300, at: { cron: '0 6 * * *', timeZone: 'Europe/Berlin' } };
    expect(nextRun(times, at(1, 1), new Date('2026-10-24T12:00:00Z')).toISOString()).toBe('2026-10-25T05:00:00.000Z');
    expect(nextRun(times, at(1, 1), new Date('2026-10-23T12:00:00Z')).toISOString()).toBe('2026-10-24T04:00:00.000Z');
    expect(latestRun(times, new Date('2026-10-23T12:00:00Z')).toISOString()).toBe('2026-10-24T04:00:00.000Z');
  });

  it('does not come by itself where only somebody asks for it', () => {
    const now = new Date('2026-11-21T10:00:00Z');
    expect(nextRun({ everyS: neverS }, at(1, 1), now).getFullYear()).toBeGreaterThan(2080);
  });
});
