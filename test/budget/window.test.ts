import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecast } from '../../src/budget/forecast.ts';
import { hearAnswer, hearReading, hearRefusal, refusedForMs } from '../../src/budget/hear.ts';
import {
  backgroundOf,
  current,
  giveBack,
  newWindow,
  portionMsOf,
  sliceAt,
  sliceMsOf,
  take,
  usedIn,
  type WindowRule,
  type WindowState,
} from '../../src/budget/window.ts';
import { limits } from '../../src/kernel/index.ts';

const rules = fc.record({
  name: fc.constant('minute'),
  windowMs: fc.constantFrom(1_000, 10_000, 60_000, 86_400_000),
  calls: fc.integer({ min: 1, max: 300 }),
  capped: fc.boolean(),
  reserve: fc.constantFrom(0, 0.2, 0.5, 0.9),
}) satisfies fc.Arbitrary<WindowRule>;

const purposes = fc.constantFrom('interactive', 'background');
const start = 1_790_000_000_000;

const asks = fc.array(
  fc.record({
    /** Share of the window. */
    after: fc.integer({ min: 0, max: 300 }).map((share) => share / 1_000),
    purpose: purposes,
    wanted: fc.integer({ min: 1, max: 400 }),
    /** Share of the granted calls that are made, and how late in their portion. */
    made: fc.integer({ min: 0, max: 4 }).map((share) => share / 4),
    late: fc.integer({ min: 0, max: 4 }).map((share) => share / 4),
  }),
  { maxLength: 60 },
);

/** The most calls in any span of the window's length, wherever it begins. */
function mostWithin(sent: readonly number[], windowMs: number): number {
  const times = sent.toSorted((one, other) => one - other);
  let from = 0;
  let most = 0;
  for (const [at, time] of times.entries()) {
    while ((times[from] ?? 0) <= time - windowMs) from += 1;
    most = Math.max(most, at - from + 1);
  }
  return most;
}

describe('a window of calls (rows S11, S12, invariant I8)', () => {
  it('sees no more calls than allowed in any span, wherever it begins, whatever is asked for and given back', () => {
    fc.assert(
      fc.property(rules, asks, (rule, all) => {
        const sent: number[] = [];
        let state = newWindow;
        let now = start;
        for (const { after, purpose, wanted, made, late } of all) {
          now += Math.floor(after * rule.windowMs);
          state = current(state, rule, now);
          const taken = take(state, rule, { now, purpose, wanted });
          state = taken.state;
          const calls = Math.floor(taken.grant.granted * made);
          for (let at = 0; at < calls; at += 1) sent.push(now + late * portionMsOf(rule));
          const slice = sliceAt(rule, now);
          state = giveBack(state, { slice, purpose, count: taken.grant.granted - calls });
        }
        expect(mostWithin(sent, rule.windowMs)).toBeLessThanOrEqual(rule.calls);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the reserve from background work, and gives it to whoever waits', () => {
    fc.assert(
      fc.property(rules, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), (rule, wants) => {
        let state = newWindow;
        for (const wanted of wants) {
          state = take(current(state, rule, start), rule, { now: start, purpose: 'background', wanted }).state;
        }
        const background = usedIn(state);
        expect(background).toBeLessThanOrEqual(backgroundOf(rule, rule.calls));
        expect(background).toBeGreaterThan(0);
        const { grant } = take(state, rule, { now: start, purpose: 'interactive', wanted: 1_000 });
        expect(grant.granted).toBe(rule.calls - background);
      }),
    );
  });

  it('lets everybody call again in the end, who asks when told to', () => {
    fc.assert(
      fc.property(rules, purposes, (rule, purpose) => {
        let state = take(newWindow, rule, { now: start, purpose: 'interactive', wanted: 1_000 }).state;
        let now = start;
        for (let round = 0; round < 20; round += 1) {
          const { grant, state: after } = take(current(state, rule, now), rule, { now, purpose, wanted: 1 });
          if (grant.granted > 0) return;
          expect(grant.waitUntil).toBeGreaterThan(now);
          [state, now] = [after, grant.waitUntil];
        }
        throw new Error('never');
      }),
    );
  });

  it('spreads steady background work over the window instead of using it up at its start', () => {
    const rule: WindowRule = { name: 'minute', windowMs: 60_000, calls: 300, capped: false, reserve: 0.2 };
    let state = newWindow;
    const perSlice: number[] = [];
    for (let slice = 0; slice < 12; slice += 1) {
      const now = start + slice * sliceMsOf(rule);
      const taken = take(current(state, rule, now), rule, { now, purpose: 'background', wanted: 300 });
      state = taken.state;
      perSlice.push(taken.grant.granted);
    }
    expect(perSlice).toEqual([120, ...Array.from({ length: 11 }, () => 10)]);
  });
});

describe('what providers say (rows S11, S12)', () => {
  const rule: WindowRule = { name: 'minute', windowMs: 60_000, calls: 200, capped: false, reserve: 0.2 };
  const ask = (state: WindowState, purpose: 'interactive' | 'background', now = start): number =>
    take(current(state, rule, now), rule, { now, purpose, wanted: 1_000 }).grant.granted;

  it("goes by the provider's own limit once it is told, within what was configured", () => {
    const heard = { limit: 700, upTo: 700, resetsInMs: 60_000 };
    expect(ask(hearReading(newWindow, rule, heard, start), 'interactive')).toBe(700);
    const capped = { ...rule, capped: true };
    const state = hearReading(newWindow, capped, heard, start);
    expect(take(state, capped, { now: start, purpose: 'interactive', wanted: 1_000 }).grant.granted).toBe(200);
  });

  it('counts the calls that others make on the account', () => {
    const heard = { limit: 200, upTo: 50, resetsInMs: 30_000 };
    const state = hearReading(newWindow, rule, heard, start);
    expect(ask(state, 'interactive')).toBe(50);
    expect(ask(state, 'background')).toBe(10);
    expect(ask(state, 'interactive', start + 30_001)).toBe(200);
  });

  it('hands out what a reading left only once', () => {
    const state = hearReading(newWindow, rule, { limit: 200, upTo: 50, resetsInMs: 60_000 }, start);
    const first = take(state, rule, { now: start, purpose: 'interactive', wanted: 30 });
    expect(ask(first.state, 'interactive')).toBe(20);
  });

  it('obeys a stated wait, has a floor that doubles, and a ceiling for absurd ones', () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 0, max: 10 ** 12 }), { nil: null }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 10 }).map((share) => share / 10),
        (statedMs, refusals, spread) => {
          const wait = refusedForMs({ statedMs, refusals, spread });
          expect(wait).toBeGreaterThanOrEqual(Math.min(statedMs ?? 0, limits.statedWaitMaxMs));
          expect(wait).toBeGreaterThanOrEqual(
            Math.min(limits.limitedWaitFloorMaxMs, limits.limitedWaitMinMs * 2 ** (refusals - 1)),
          );
          expect(wait).toBeLessThanOrEqual(limits.statedWaitMaxMs + 2_000);
        },
      ),
    );
  });

  it('lets nobody call while it is refused, and takes refusals that come together for one', () => {
    const refusal = { now: start, statedMs: 5_000, spread: 0 };
    const once = hearRefusal(newWindow, refusal);
    const twice = hearRefusal(once, { ...refusal, now: start + 10 });
    expect(twice.refusals).toBe(1);
    for (const purpose of ['interactive', 'background'] as const) {
      expect(ask(twice, purpose, start + 5_009)).toBe(0);
      expect(ask(twice, purpose, start + 5_010)).toBeGreaterThan(0);
    }
    expect(hearAnswer(twice, start + 4_000).refusals).toBe(1);
    expect(hearAnswer(twice, start + 6_000)).toMatchObject({ refusals: 0, blockedUntil: null });
  });
});

describe('the forecast', () => {
  const rule: WindowRule = { name: 'daily', windowMs: 86_400_000, calls: 1_200, capped: false, reserve: 0.2 };
  const at = Math.floor(start / sliceMsOf(rule)) * sliceMsOf(rule);

  it('says when the present rate uses everything up', () => {
    const taken = take(newWindow, rule, { now: at, purpose: 'interactive', wanted: 600 });
    const now = at + sliceMsOf(rule);
    const told = forecast(current(taken.state, rule, now), rule, now);
    expect(told).toMatchObject({ used: 600, limit: 1_200, reserve: 240, blockedUntil: null });
    expect(told.exhaustedAt).toBeGreaterThan(now);
    expect(told.exhaustedAt).toBeLessThanOrEqual(now + 4 * sliceMsOf(rule));
  });

  it('sees no end where the rate can go on for ever, and none where nothing is used', () => {
    expect(forecast(newWindow, rule, at)).toMatchObject({ used: 0, exhaustedAt: null, resetsAt: null });
    const taken = take(newWindow, rule, { now: at, purpose: 'interactive', wanted: 50 });
    expect(forecast(taken.state, rule, at + sliceMsOf(rule)).exhaustedAt).toBe(null);
  });
});
