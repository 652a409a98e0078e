import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alertTable,
  noticeTable,
  nextAlertState,
  stepsFor,
  topicNames,
  topics,
  type AlertEvent,
  type AlertState,
  type Problem,
} from '../../src/alerts/index.ts';
import { limits } from '../../src/kernel/index.ts';
import type { AlertRow } from '../../src/store/index.ts';

const MINUTE = 60_000;
const start = new Date('2026-03-01T12:00:00Z');
const at = (ms: number): Date => new Date(start.getTime() + ms);

const problem = (topic: Problem['topic'], more: Partial<Problem> = {}): Problem => ({
  key: `${topic} crm`,
  topic,
  severity: topics[topic].severity,
  since: null,
  title: 'title',
  detail: 'detail',
  who: 'operator',
  fix: 'fix',
  ...more,
});

/** The rows after one look, as the database would have them. */
function after(
  rows: readonly AlertRow[],
  problems: readonly Problem[],
  now: Date,
  more: { remindMs?: number | null; past?: number } = {},
): { readonly rows: AlertRow[]; readonly told: string[] } {
  const past = new Map(
    problems.concat(rows.map((row) => row as unknown as Problem)).map(({ key }) => [key, more.past ?? 0]),
  );
  const steps = stepsFor(rows, problems, { now, remindMs: more.remindMs ?? null, past, untold: new Set() });
  const next = new Map(rows.map((row) => [row.id, row]));
  const told: string[] = [];
  for (const step of steps) {
    if (step.kind === 'drop') next.delete(step.id);
    else if (step.kind === 'keep') {
      if (step.told !== null) told.push(step.told);
      if (step.row.state === 'resolved') next.delete(step.row.id);
      else next.set(step.row.id, step.row);
    } else {
      const id = Math.max(0, ...next.keys()) + 1;
      next.set(id, { ...step.row, id, goneAt: null, resolvedAt: null, reminders: 0, acknowledged: null });
    }
  }
  return { rows: [...next.values()], told };
}

describe('the life of an alert', () => {
  const events = ['seen', 'ripe', 'gone', 'settled'] as const;
  const cells = (Object.keys(alertTable) as (AlertState | 'none')[]).flatMap((state) =>
    events.map((event) => [state, event, alertTable[state][event]] as const),
  );

  it.each(cells)('%s, %s: %s', (state, event, next) => {
    if (next === null) expect(() => nextAlertState(state, event)).toThrow(`an alert that is ${state} was ${event}`);
    else expect(nextAlertState(state, event)).toBe(next);
  });

  it('is over once, and nothing leads out of it', () => {
    expect(cells.filter(([, , next]) => next === 'resolved')).toEqual([['clearing', 'settled', 'resolved']]);
    expect(Object.values(alertTable.resolved)).toEqual([null, null, null, null]);
  });

  it('a message ends once', () => {
    for (const state of ['sent', 'dead', 'dropped'] as const) {
      expect(Object.values(noticeTable[state])).toEqual([null, null, null, null]);
    }
  });
});

describe('what is wrong against what was told', () => {
  it('a problem that lasts opens when its topic says, and counts from when it began', () => {
    const failing = problem('sync.failing');
    const first = after([], [failing], at(0));
    expect(first.rows.map(({ state }) => state)).toEqual(['pending']);
    expect(after(first.rows, [failing], at(14 * MINUTE)).rows[0]?.state).toBe('pending');
    expect(after(first.rows, [failing], at(15 * MINUTE)).rows[0]).toMatchObject({
      state: 'open',
      openedAt: at(15 * MINUTE),
    });
    const old = problem('connection.degraded', { since: at(-20 * MINUTE) });
    expect(after([], [old], at(0)).rows[0]?.state).toBe('open');
  });

  it('one that comes and goes opens all the same, and one that passes is forgotten without a word', () => {
    const failing = problem('sync.failing');
    let { rows } = after([], [failing], at(0));
    for (let minute = 1; minute < 15; minute += 1) {
      rows = after(rows, minute % 2 === 0 ? [failing] : [], at(minute * MINUTE)).rows;
    }
    expect(rows.map(({ state }) => state)).toEqual(['pending']);
    expect(after(rows, [failing], at(15 * MINUTE)).rows[0]?.state).toBe('open');
    const gone = after(rows, [], at(15 * MINUTE));
    expect(after(gone.rows, [], at(15 * MINUTE + limits.alertHoldMs))).toEqual({ rows: [], told: [] });
  });

  it('what came back often has to be away for longer, up to a bound', () => {
    const lost = problem('vault.unreadable');
    const open = after([], [lost], at(0)).rows;
    for (const [past, holdMs] of [
      [0, limits.alertHoldMs],
      [2, limits.alertHoldMs * 4],
      [40, limits.alertHoldMaxMs],
    ] as const) {
      const clearing = after(open, [], at(0), { past }).rows;
      expect(after(clearing, [], at(holdMs - 1), { past }).told).toEqual([]);
      expect(after(clearing, [], at(holdMs), { past }).told).toEqual(['resolved']);
    }
  });

  it('nobody is reminded of what is acknowledged or gone', () => {
    const lost = problem('vault.unreadable');
    const [row] = after([], [lost], at(0), { remindMs: MINUTE }).rows;
    if (row === undefined) throw new Error('it opened');
    expect(after([row], [lost], at(MINUTE), { remindMs: MINUTE }).told).toEqual(['reminder']);
    const acknowledged = { ...row, acknowledged: { by: 'lena', at: '', note: null } };
    expect(after([acknowledged], [lost], at(MINUTE), { remindMs: MINUTE }).told).toEqual([]);
    expect(after([row], [], at(MINUTE), { remindMs: MINUTE }).told).toEqual([]);
  });

  it('whoever acknowledged less hears of it at once when it gets worse, and only then', () => {
    const ends = problem('connection.sign_in_ends');
    const [row] = after([], [ends], at(0)).rows;
    if (row === undefined) throw new Error('it opened');
    const acknowledged = { ...row, acknowledged: { by: 'lena', at: '', note: null } };
    const worse = after([acknowledged], [{ ...ends, severity: 'critical' }], at(MINUTE));
    expect(worse).toMatchObject({ told: ['reminder'], rows: [{ severity: 'critical', acknowledged: null }] });
    expect(after(worse.rows, [{ ...ends, severity: 'critical' }], at(2 * MINUTE)).told).toEqual([]);
    for (const severity of ['info', 'warning'] as const) {
      const same = after([acknowledged], [{ ...ends, severity }], at(MINUTE));
      expect(same).toMatchObject({ told: [], rows: [{ acknowledged: { by: 'lena' } }] });
    }
  });

  it('what a newer program told of is left alone', () => {
    const [row] = after([], [problem('vault.unreadable')], at(0)).rows;
    if (row === undefined) throw new Error('it opened');
    const newer = { ...row, topic: 'future.topic', key: 'future.topic x' };
    expect(stepsFor([newer], [], { now: at(MINUTE), remindMs: null, past: new Map(), untold: new Set() })).toEqual([]);
  });

  it('whatever comes and goes: one alert per problem, told to be over only after it was open', () => {
    const look = fc.record({
      wrong: fc.subarray([...topicNames]),
      pauseMs: fc.integer({ min: 0, max: 3 * 3_600_000 }),
    });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 40 }), (looks) => {
        let rows: AlertRow[] = [];
        let now = start;
        for (const { wrong, pauseMs } of looks) {
          now = new Date(now.getTime() + pauseMs);
          const before = rows;
          const next = after(
            rows,
            wrong.map((topic) => problem(topic)),
            now,
          );
          rows = next.rows;
          expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
          // What is wrong has an alert; one that is open stays until it was gone for long enough.
          for (const topic of wrong) expect(rows.some((row) => row.topic === topic && row.goneAt === null)).toBe(true);
          const over = before.filter((row) => !rows.some(({ id }) => id === row.id));
          for (const row of over) {
            expect(wrong).not.toContain(row.topic);
            expect(now.getTime() - (row.goneAt?.getTime() ?? Infinity)).toBeGreaterThanOrEqual(limits.alertHoldMs);
          }
          const resolved = over.filter(({ openedAt }) => openedAt !== null).length;
          expect(next.told.filter((what) => what === 'resolved')).toHaveLength(resolved);
        }
      }),
      { numRuns: 200 },
    );
  });

  const seen: AlertEvent[] = ['seen', 'ripe'];
  it('a problem that is there never ends an alert', () => {
    for (const state of ['pending', 'fading', 'open', 'clearing'] as const) {
      for (const event of seen) expect(['pending', 'open']).toContain(alertTable[state][event]);
    }
  });
});
