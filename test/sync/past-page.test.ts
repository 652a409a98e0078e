import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector, type ConnectorSession } from '../../src/connectors/index.ts';
import { limits, systemClock, systemRandom } from '../../src/kernel/index.ts';
import { listLetters, type Db, type DeadLetterRow } from '../../src/store/index.ts';
import { askBackfill, leftOutIn, replayDeadLetters } from '../../src/sync/index.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { openerOf } from '../support/stores.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

/** Zendesk gives no records without their values and no place but in the answer: what cannot be read is passed by time. */
describe('S10: a record of Zendesk that no answer can hold', () => {
  const open = openerOf('pglite');
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  /** Reads answers of 60 kB and no larger. */
  let tight: ConnectorSession;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([
      open(),
      startSandbox('zendesk', { scale: 2_000, anchor: '2026-01-15T00:00:00.000Z' }),
    ]);
    await sandbox.control('POST', 'limits', { perMinute: 1_000_000, incrementalPerMinute: 1_000_000 });
    harness = await syncHarness(db, sandbox, ['tickets', 'organizations'], { slug: 'past' });
    const small = requireConnector(
      connectorRegistry({ clock: systemClock, random: systemRandom, responseBytesMax: 60_000 }),
      'zendesk',
    ).open(harness.signedIn.access);
    const { readPage, readPast } = small;
    if (readPast === undefined) throw new Error('Zendesk’s feeds begin at a second');
    tight = { ...harness.target.session, readPage, readPast };
    for (const object of ['tickets', 'organizations']) expect((await harness.run(object)).error).toBeNull();
  });
  afterAll(() => sandbox.stop());

  const letters = async (object: string): Promise<DeadLetterRow[]> => {
    const { id: stream } = await harness.stream(object);
    return db.tenantRead(harness.tenant, (tx) => listLetters(tx, { tenant: harness.tenant, stream, limit: 10 }));
  };
  const later = (ms: number): Promise<unknown> => sandbox.control('POST', 'clock', { advanceMs: ms });
  const change = (object: string, id: string, fields: Readonly<Record<string, unknown>>): Promise<unknown> =>
    sandbox.mutate({ op: 'update', object, id, fields });

  it.each([
    ['tickets', 'subject'],
    ['organizations', 'notes'],
  ] as const)('%s go on after it, and what may be missing is said and read when it can be', async (object, field) => {
    const [before = '', big = '', after = '', last = ''] = [...(await harness.records(object)).keys()].toSorted();
    const value = async (id: string): Promise<unknown> => (await harness.records(object)).get(id)?.[field];
    const text = 'x'.repeat(80_000);
    await later(60_000);
    await change(object, before, { [field]: 'davor' });
    await later(400_000);
    await change(object, big, { [field]: text });
    await later(3_000);
    await change(object, after, { [field]: 'danach' });
    await later(600_000);
    await change(object, last, { [field]: 'viel später' });
    await later(120_000);
    const was = await value(big);
    expect((await harness.run(object, undefined, tight)).error).toBeNull();
    expect([await value(before), await value(last)]).toEqual(['davor', 'viel später']);
    // Close enough to it that its neighbours are read.
    expect(await value(after)).toBe('danach');
    expect(await value(big)).toEqual(was);
    const [letter, ...others] = await letters(object);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ kind: 'page', state: 'dead', code: 'upstream_too_large' });
    const stretch = leftOutIn(letter?.place ?? null);
    expect(Date.parse(stretch?.to ?? '') - Date.parse(stretch?.from ?? '')).toBeLessThan(410_000);

    // All of it read again, without it: it did not appear, and is not taken for deleted.
    const { id: stream } = await harness.stream(object);
    const count = (await harness.records(object)).size;
    await db.tenantTx(harness.tenant, (tx) => askBackfill(tx, { tenant: harness.tenant, stream, since: null }));
    expect((await harness.run(object, undefined, tight)).error).toBeNull();
    // As if the minute that Zendesk holds back had passed: a whole reading ends with the run after it.
    await db.query(`update sweep set awaits = awaits - interval '10 minutes'`);
    expect((await harness.run(object, undefined, tight)).error).toBeNull();
    expect((await harness.records(object)).size).toBe(count);

    const replay = await replayDeadLetters(harness.deps, harness.target, await harness.stream(object));
    expect(replay.pages).toBeGreaterThan(0);
    expect((await harness.run(object)).error).toBeNull();
    expect(await value(big)).toBe(text);
    expect(await letters(object)).toEqual([]);
  });

  it('that is the newest of all waits until there is something after it', async () => {
    const [id = ''] = [...(await harness.records('tickets')).keys()].toSorted().slice(10);
    await change('tickets', id, { subject: 'y'.repeat(80_000) });
    await later(120_000);
    expect((await harness.run('tickets', undefined, tight)).error?.code).toBe('upstream_too_large');
    expect(await letters('tickets')).toMatchObject([
      { kind: 'page', state: 'dead', place: { at: expect.any(String) } },
    ]);
    expect((await harness.run('tickets')).error).toBeNull();
    expect(await letters('tickets')).toEqual([]);
  });
});

/** Google gives parts of events, so that a page is placed by their ids and each is asked for by itself. */
describe('S10: events of Google Calendar that cannot be read', () => {
  const open = openerOf('pglite');
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('google_calendar', { scale: 2_000 })]);
    await sandbox.control('POST', 'limits', { perMinute: 1_000_000, perMinutePerUser: 1_000_000 });
    harness = await syncHarness(db, sandbox, ['events'], { slug: 'events' });
    expect((await harness.run('events')).error).toBeNull();
  });
  afterAll(() => sandbox.stop());

  const letters = async (): Promise<DeadLetterRow[]> => {
    const { id: stream } = await harness.stream('events');
    return db.tenantRead(harness.tenant, (tx) => listLetters(tx, { tenant: harness.tenant, stream, limit: 10 }));
  };
  const summary = async (key: string): Promise<unknown> => (await harness.records('events')).get(key)?.['summary'];
  const change = (key: string, fields: Readonly<Record<string, unknown>>): Promise<unknown> =>
    sandbox.mutate({ op: 'update', object: 'events', id: key.slice(key.lastIndexOf('/') + 1), fields });
  /** Of one calendar, so that one page holds them. */
  const keys = async (): Promise<string[]> => {
    const all = [...(await harness.records('events')).entries()].filter(([, doc]) => doc['organizer_self'] === true);
    return all.map(([key]) => key).toSorted();
  };

  it('one that no answer can hold is a dead letter, and the others are there', async () => {
    const small = requireConnector(
      connectorRegistry({ clock: systemClock, random: systemRandom, responseBytesMax: 60_000 }),
      'google_calendar',
    ).open(harness.signedIn.access);
    const { readPage, readRecords } = small;
    if (readRecords === undefined) throw new Error('Google gives single events');
    const [big = '', beside = ''] = await keys();
    await change(big, { description: 'x'.repeat(80_000) });
    await change(beside, { summary: 'Daneben' });
    const tight = { ...harness.target.session, readPage, readRecords };
    expect((await harness.run('events', undefined, tight)).error).toBeNull();
    expect(await summary(beside)).toBe('Daneben');
    const found = await letters();
    expect(found.length).toBeGreaterThan(0);
    for (const letter of found) expect(letter).toMatchObject({ kind: 'record', code: 'upstream_too_large' });
    expect(found.map(({ name }) => name)).toContain(big);
    await replayDeadLetters(harness.deps, harness.target, await harness.stream('events'));
    expect(await letters()).toEqual([]);
  });

  it('a list that comes broken again and again is read event by event', async () => {
    const [, , changed = ''] = await keys();
    await change(changed, { summary: 'Einzeln gelesen' });
    const calendar = changed.slice(0, changed.lastIndexOf('/')).replaceAll('.', '\\.');
    await sandbox.control('POST', 'faults', {
      match: { path: `/${calendar}\\/events\\?(?!.*fields=)/` },
      times: 1_000,
      action: { html: true },
    });
    // Does not rest between its attempts.
    const hasty = requireConnector(
      connectorRegistry({ clock: { ...systemClock, sleep: async () => undefined }, random: systemRandom }),
      'google_calendar',
    ).open(harness.signedIn.access);
    const run = async (): Promise<string | undefined> => (await harness.run('events', undefined, hasty)).error?.code;
    for (let tries = 1; tries < limits.deadLetterTries; tries += 1) expect(await run()).toBe('upstream_malformed');
    expect(await run()).toBeUndefined();
    expect(await summary(changed)).toBe('Einzeln gelesen');
    expect(await letters()).toEqual([]);
    await sandbox.control('DELETE', 'faults');
  });
});
