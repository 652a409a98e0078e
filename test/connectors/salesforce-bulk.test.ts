import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorSession, Cursor, NativeRecord, RecordPage } from '../../src/connectors/index.ts';
import { salesforceConnector } from '../../src/connectors/salesforce/connector.ts';
import { systemClock, systemRandom, type Clock } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { normaliseRecord } from '../../src/sync/index.ts';
import { signIn, startSandbox, type SignedIn, type TestSandbox } from '../support/sandbox.ts';
import { readAll } from './contract-suite.ts';

const PAGE = 200;
const JOBS = '/services/data/v62.0/jobs/query';

describe('salesforce: a large first load by bulk job', () => {
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms) => {
      waits.push(ms);
    },
  };
  const deps = { clock, random: systemRandom };
  const bulk = salesforceConnector(deps, { bulkFromRecords: 100, bulkPageRecords: PAGE });
  const queries = salesforceConnector(deps);
  let sandbox: TestSandbox;
  let signedIn: SignedIn;
  let object: NativeObject;

  const session = (): ConnectorSession => bulk.open(signedIn.access);
  const jobsMade = (): number => signedIn.calls.filter(({ method, path }) => method === 'POST' && path === JOBS).length;
  const callsTo = (part: string): number => signedIn.calls.filter(({ path }) => path.includes(part)).length;
  const jobOf = (cursor: Cursor): string => String(cursor['job']);
  const viaJobs = async (method: string, path: string, body?: unknown): Promise<number> => {
    const { accessToken } = await signedIn.access.token();
    const answer = await fetch(`${signedIn.access.apiUrl}${JOBS}/${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.status;
  };
  const started = (): Promise<RecordPage> => session().readPage({ object, cursor: null });
  const ids = (records: readonly NativeRecord[]): Set<string> => new Set(records.map(({ id }) => id));
  const whole = async (): Promise<Set<string>> =>
    ids((await readAll(queries.open(signedIn.access), object, null)).records.filter(({ deleted }) => !deleted));
  const live = (records: readonly NativeRecord[]): Set<string> => ids(records.filter(({ deleted }) => !deleted));

  beforeAll(async () => {
    sandbox = await startSandbox('salesforce', { scale: 6_000 });
    signedIn = await signIn(sandbox, bulk);
    object = await session().describeObject('Opportunity');
  });
  afterAll(() => sandbox.stop());
  beforeEach(async () => {
    signedIn.calls.length = 0;
    waits.length = 0;
    await sandbox.control('DELETE', 'faults');
  });

  it('gives the same records as queries do, value for value, in fewer calls', async () => {
    const byJob = await readAll(session(), object, null);
    expect(jobsMade()).toBe(1);
    const byQuery = await readAll(queries.open(signedIn.access), object, null);
    const hashes = (records: readonly NativeRecord[]): Map<string, string> =>
      new Map(records.map((record) => [record.id, normaliseRecord(object, record).hash]));
    expect(byJob.records.length).toBe(byQuery.records.length);
    expect(hashes(byJob.records)).toEqual(hashes(byQuery.records));
    expect(byJob.records.flatMap((record) => normaliseRecord(object, record).misfits)).toEqual([]);
    expect(byJob.records[0]?.modifiedAt).toBeInstanceOf(Date);
  });

  it('leaves no job behind', async () => {
    const first = await started();
    await readAll(session(), object, first.cursor);
    expect(await viaJobs('GET', jobOf(first.cursor))).toBe(404);
  });

  it('goes on from any page in a new session, without a new job', async () => {
    const all = await readAll(session(), object, null);
    const middle = await started();
    signedIn.calls.length = 0;
    const seen: NativeRecord[] = [];
    let cursor = middle.cursor;
    for (let more = true; more;) {
      const stored = JSON.parse(JSON.stringify(cursor)) as Cursor;
      // The page is lost with its process and asked for again by the next one.
      await session().readPage({ object, cursor: stored });
      const page: RecordPage = await session().readPage({ object, cursor: stored });
      seen.push(...page.records);
      ({ cursor, more } = page);
    }
    expect(jobsMade()).toBe(0);
    expect(seen.length).toBe(all.records.length);
    expect(ids(seen)).toEqual(ids(all.records));
  });

  it('waits longer from look to look while the job runs, and gives the place back meanwhile', async () => {
    const { cursor, records, more } = await started();
    expect({ records, more }).toEqual({ records: [], more: true });
    await sandbox.control('POST', 'faults', {
      match: { path: JOBS },
      times: 3,
      action: { status: 200, body: { id: jobOf(cursor), state: 'InProgress' } },
    });
    let at = cursor;
    for (let look = 0; look < 3; look += 1) {
      const page = await session().readPage({ object, cursor: at });
      expect(page).toMatchObject({ records: [], more: true });
      at = page.cursor;
    }
    expect(waits).toEqual([500, 1_000, 2_000]);
    expect(live((await readAll(session(), object, at)).records)).toEqual(await whole());
  });

  it('reads what was changed, made and deleted while the job ran', async () => {
    const { cursor } = await started();
    const [changed = '', deleted = ''] = [...(await whole())];
    const name = 'Kurz vor "Schluss",\nmit Umbruch; und \\ Ümlaut';
    await sandbox.control('POST', 'clock', { advanceMs: 2_000 });
    await sandbox.mutate({ op: 'update', object: 'Opportunity', id: changed, fields: { Name: name } });
    await sandbox.mutate({ op: 'delete', object: 'Opportunity', id: deleted });
    const { id: made } = await sandbox.mutate({
      op: 'create',
      object: 'Opportunity',
      fields: { Name: 'Währenddessen', StageName: 'Prospecting', CloseDate: '2027-01-31' },
    });
    const last = new Map((await readAll(session(), object, cursor)).records.map((record) => [record.id, record]));
    expect(last.get(changed)?.values).toMatchObject({ Name: name });
    expect(last.get(deleted)).toMatchObject({ deleted: true });
    expect(last.get(made)?.values).toMatchObject({ Name: 'Währenddessen' });

    // The same text through the job itself: quotes, line ends and separators are the table's own signs.
    await sandbox.control('POST', 'clock', { advanceMs: 3_600_000 });
    const fresh = new Map((await readAll(session(), object, null)).records.map((record) => [record.id, record]));
    expect(fresh.get(changed)?.values).toMatchObject({ Name: name });
    expect(fresh.get(deleted)).toMatchObject({ deleted: true });
  });

  it('loads what was changed since a day, and only that', async () => {
    const since = new Date(Date.now() - 400 * 86_400_000);
    const expected = (await readAll(queries.open(signedIn.access), object, null)).records.filter(
      ({ modifiedAt }) => modifiedAt !== null && modifiedAt >= since,
    );
    const first = await bulkFrom(1).readPage({ object, cursor: null, since });
    expect(jobsMade()).toBe(1);
    const { records } = await readAll(session(), object, first.cursor);
    expect(expected.length).toBeGreaterThan(0);
    expect(ids(records)).toEqual(ids(expected));
  });

  const bulkFrom = (records: number): ConnectorSession =>
    salesforceConnector(deps, { bulkFromRecords: records, bulkPageRecords: PAGE }).open(signedIn.access);

  it('asks a small object by query', async () => {
    await readAll(bulkFrom(1_000_000), object, null);
    expect(jobsMade()).toBe(0);
  });

  it('goes on by queries where somebody aborted the job', async () => {
    const { cursor } = await started();
    expect(await viaJobs('PATCH', jobOf(cursor), { state: 'Aborted' })).toBe(200);
    const { records } = await readAll(session(), object, cursor);
    expect(live(records)).toEqual(await whole());
    expect(callsTo('/results')).toBe(0);
  });

  it('goes on by queries where Salesforce does not take the job', async () => {
    const body = [{ errorCode: 'API_ERROR', message: 'This session is not valid for use with the API' }];
    await sandbox.control('POST', 'faults', { match: { path: JOBS }, times: 1, action: { status: 400, body } });
    const { records } = await readAll(session(), object, null);
    expect(live(records)).toEqual(await whole());
    expect(callsTo('/results')).toBe(0);
  });

  it('begins anew once the results are no longer kept', async () => {
    const { cursor } = await started();
    let page = await session().readPage({ object, cursor });
    while (page.records.length === 0) page = await session().readPage({ object, cursor: page.cursor });
    await viaJobs('DELETE', jobOf(cursor));
    for (const at of [cursor, page.cursor]) {
      await expect(session().readPage({ object, cursor: at })).rejects.toMatchObject({ code: 'cursor_expired' });
    }
  });

  it.each([
    ['cut off', { truncateBytes: 3_000 }],
    ['a page of a proxy', { html: true }],
    ['a table of other columns', { status: 200, body: 'a,b\n1,2\n' }],
  ])('does not take %s for the results', async (_, action) => {
    const { cursor } = await started();
    let page = await session().readPage({ object, cursor });
    while (page.records.length === 0) page = await session().readPage({ object, cursor: page.cursor });
    const place = page.cursor;
    await sandbox.control('POST', 'faults', { match: { path: `${JOBS}/${jobOf(cursor)}/results` }, times: 50, action });
    await expect(session().readPage({ object, cursor: place })).rejects.toMatchObject({
      code: expect.stringMatching(/^upstream_(?:malformed|unavailable)$/),
    });
    await sandbox.control('DELETE', 'faults');
    expect((await session().readPage({ object, cursor: place })).records).toHaveLength(PAGE);
  });
});
