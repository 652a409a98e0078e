import { describe, expect, it } from 'vitest';
import { runningOut } from '../../src/app/alerts/alert-facts.ts';
import { comparisonReport } from '../../src/app/sync/comparison-report.ts';
import { objectCondition, objectStateOf, type ObjectState } from '../../src/app/sync/object-condition.ts';
import { lineCondition, type LineHealth } from '../../src/app/connections/line-condition.ts';
import { connectionId, GantryError, limits, streamId, tenantId } from '../../src/kernel/index.ts';
import type { LineRow, StreamRow } from '../../src/store/index.ts';

const now = new Date('2026-11-21T12:00:00Z');
const at = (ms: number): Date => new Date(now.getTime() + ms);
const failure = new GantryError('upstream_forbidden', { message: 'The user may not read Account.' }).toBody();
const held = new GantryError('sync_deletions_held', { message: '298 of 300 records were missing.' }).toBody();
const usedUp = new GantryError('upstream_rate_limited', {
  message: 'They are used up.',
  data: { class: 'budget', limit: 'daily' },
}).toBody();
const pausedBy = { by: 'ann', at: '2026-11-21T11:00:00Z', note: 'month-end' };
const place = { tenant: 'acme', connection: 'crm', object: 'Account' };

const well: StreamRow = {
  id: streamId(1),
  connection: connectionId(1),
  object: 'Account',
  enabled: true,
  paused: null,
  cursor: {},
  phase: 'current',
  expectedRecords: null,
  backfillRecords: 0,
  asOf: now,
  loadedSince: null,
  backfillAsked: null,
  schemaVersion: 1,
  everyS: 300,
  dueAt: at(60_000),
  leaseBy: null,
  leaseUntil: null,
  lastError: null,
  lastRunAt: now,
};

describe('what an object is doing', () => {
  const overdue = { dueAt: at(-limits.streamOverdueMs - 1) };
  const reading = { leaseBy: 'w', leaseUntil: at(1) };
  it.each<[ObjectState, Partial<StreamRow>, string]>([
    ['current', {}, 'working'],
    ['loading', { phase: 'new', asOf: null }, 'working'],
    ['loading', { phase: 'backfill', asOf: null }, 'degraded'],
    ['rereading', { phase: 'backfill' }, 'working'],
    ['rereading', { backfillAsked: { since: null, at: now.toISOString() } }, 'working'],
    ['current', { dueAt: at(-limits.streamOverdueMs) }, 'working'],
    ['overdue', overdue, 'working'],
    ['failing', { lastError: failure }, 'working'],
    ['waiting', { lastError: usedUp }, 'working'],
    ['waiting', { ...reading, lastError: usedUp, asOf: null, phase: 'backfill' }, 'working'],
    ['overdue', { ...overdue, lastError: usedUp }, 'working'],
    ['held', { lastError: held }, 'working'],
    // What is happening now is told before what was.
    ['reading', { ...reading, ...overdue }, 'working'],
    ['failing', { ...reading, ...overdue, lastError: failure }, 'working'],
    ['failing', { leaseBy: 'w', leaseUntil: now, lastError: failure }, 'working'],
    ['stopped', { lastError: failure }, 'reauth_required'],
    ['stopped', overdue, 'paused'],
    ['paused', { paused: pausedBy, lastError: failure }, 'working'],
    ['paused', { paused: pausedBy }, 'revoked'],
    ['off', { enabled: false, paused: pausedBy }, 'working'],
  ])('is %s: %o of a connection that is %s', (state, change, connection) => {
    expect(objectStateOf({ ...well, ...change }, { state: connection }, now)).toBe(state);
  });

  const said = (change: Partial<StreamRow>) =>
    objectCondition({ ...well, ...change }, { state: 'working' }, place, now);

  it('names who paused it, since when and why, and the command that ends it', () => {
    expect(said({ paused: pausedBy })).toMatchObject({
      what: expect.stringMatching(/ann since 2026-11-21T11:00:00Z: month-end/) as string,
      whoCanFix: 'operator',
      fix: 'Go on reading it: gantry sync resume --tenant acme --connection crm --object Account',
    });
  });

  it('names both ways out of held deletions', () => {
    const { fix, whoCanFix } = said({ lastError: held });
    expect(whoCanFix).toBe('operator');
    expect(fix).toContain('gantry deletions accept --tenant acme --connection crm --object Account');
    expect(fix).toContain('gantry deletions dismiss --tenant acme --connection crm --object Account');
  });

  it('says of a failure what it is, who can mend it, and how', () => {
    expect(said({ lastError: failure })).toMatchObject({
      what: `Reading it fails: ${failure.message}`,
      whoCanFix: 'tenant_admin',
      fix: failure.fix,
    });
  });

  it('says of a first load that our own share of the calls holds up until when, and asks nobody to act', () => {
    const { dueAt } = well;
    expect(said({ lastError: usedUp, asOf: null, phase: 'backfill' })).toEqual({
      state: 'waiting',
      what: `Its first load waits until ${dueAt.toISOString()} for calls that the provider allows (limit "daily"). It goes on by itself.`,
      whoCanFix: null,
      fix: null,
    });
  });

  it('asks nobody to act while all is well', () => {
    for (const change of [{}, { phase: 'new' } as const, reading])
      expect(said(change)).toMatchObject({ whoCanFix: null, fix: null });
  });
});

it('says of a comparison what it compared, which is not all where less was read', () => {
  const report = {
    stream: streamId(1),
    startedAt: now,
    endedAt: now,
    kind: 'reading',
    compared: 1_200,
    missingHealed: 0,
    staleHealed: 3,
    deleted: 0,
    held: 0,
  } as const;
  expect(comparisonReport(report)['what']).toBe(
    "1,200 records here compared with the provider's: 3 records old here and read again.",
  );
});

it('tells people of limits that run out only where somebody could act before they are given anew', () => {
  const report = (limit: string, windowS: number) => ({
    provider: 'zendesk',
    accountId: 'acme',
    connections: [{ tenant: tenantId(1), connection: connectionId(1), slug: 'support' }],
    limit,
    windowS,
    used: 9,
    calls: 10,
    reserve: 2,
    resetsAt: null,
    exhaustedAt: now,
    blockedUntil: null,
  });
  const told = runningOut([
    report('requests', 60),
    report('exports', 3_599),
    report('hourly', 3_600),
    report('daily', 86_400),
  ]);
  expect(told.map(({ limit }) => limit)).toEqual(['hourly', 'daily']);
});

describe('how a line of events is', () => {
  const line: LineRow = {
    tenant: tenantId(1),
    connection: connectionId(1),
    state: 'live',
    position: { replay: 'x' },
    failures: 0,
    lastError: null,
    unavailable: [],
    liveSince: now,
    heardAt: now,
  };
  const silent = at(-2 * limits.eventLineSilenceMs - 1);
  it.each<[LineHealth, Partial<LineRow>]>([
    ['live', {}],
    ['live', { heardAt: at(-limits.eventLineSilenceMs) }],
    ['behind', { heardAt: silent }],
    ['opening', { state: 'opening', heardAt: silent }],
    ['waiting', { state: 'waiting' }],
    ['broken', { state: 'waiting', lastError: failure, failures: 4 }],
  ])('is %s: %o', (state, change) => {
    expect(lineCondition({ ...line, ...change }, now).state).toBe(state);
  });

  it('says what broke it, how often, when it last said something, and who can mend it', () => {
    const broken = lineCondition({ ...line, state: 'waiting', lastError: failure, failures: 4 }, now);
    expect(broken.what).toContain('4 times in a row: The user may not read Account.');
    expect(broken.what).toContain('Last heard 2026-11-21T12:00:00.000Z');
    expect(broken).toMatchObject({ whoCanFix: 'tenant_admin', fix: failure.fix });
  });
});
