import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IdPage } from '../../src/connectors/index.ts';
import { canonicalJson, contentHash } from '../../src/kernel/index.ts';
import { ingestRecords, listQuarantine, saveQuarantine, type Db } from '../../src/store/index.ts';
import type { RunReport } from '../../src/sync/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

/** Records that a store holds though the provider has them no more: deleted while nobody told. */
async function addPhantoms(
  db: Db,
  harness: SyncHarness,
  object: string,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  const { tenant } = harness;
  const { id: stream } = await harness.stream(object);
  const records = ids.map((id) => {
    const docText = canonicalJson({ Id: id, Name: 'Längst gelöscht' });
    return { id, hash: contentHash(docText), docText, srcAt: at, deleted: false };
  });
  await db.tenantTx(tenant, (tx) => ingestRecords(tx, { tenant, stream, records, seenAt: tx.now }));
}

const PHANTOMS = ['003000000000000AAA', '003ZZZZZZZZZZZZZZZ'];
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

/** The provider has forgotten the place: the next run begins anew. */
async function expireCursor(sandbox: TestSandbox, harness: SyncHarness, object: string): Promise<void> {
  await sandbox.control('POST', 'faults', {
    match: { path: '/services/data/v62.0/queryAll' },
    times: 1,
    action: { status: 400, body: [{ message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' }] },
  });
  expect((await harness.run(object)).error?.code).toBe('cursor_expired');
}

describeEachStore('records that are gone without a word', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let count = 0;

  const rowsOf = async (object: string): Promise<{ id: string; ver: number; row: string }[]> => {
    const { id: stream } = await harness.stream(object);
    return db.tenantTx(harness.tenant, (tx) =>
      tx.query(
        `select ext_id as id, ver, xmin::text || ctid::text as row from record
         where tenant = $1 and stream = $2 and not deleted order by 1`,
        [harness.tenant, stream],
      ),
    );
  };
  const seen = async (): Promise<number> => {
    const [row] = await db.tenantTx(harness.tenant, (tx) =>
      tx.query<{ count: number }>('select count(*)::int as count from sweep_seen where tenant = $1', [harness.tenant]),
    );
    return row?.count ?? -1;
  };
  const changesOf = async (id: string): Promise<string[]> => {
    const rows = await db.tenantTx(harness.tenant, (tx) =>
      tx.query<{ op: string }>('select op::text as op from change where tenant = $1 and ext_id = $2 order by seq', [
        harness.tenant,
        id,
      ]),
    );
    return rows.map(({ op }) => op);
  };
  const runUntilPage = async (object: string, pages: number): Promise<RunReport> => {
    const stop = new AbortController();
    let left = pages;
    harness.listener = (event) => {
      if (event.kind !== 'sync_page') return;
      left -= 1;
      if (left === 0) stop.abort(new Error('the process is killed'));
    };
    const report = await harness.run(object, stop.signal);
    harness.listener = null;
    return report;
  };

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 20_000 })]);
    harness = await syncHarness(db, sandbox, ['Contact', 'Account'], { slug: `sweep-${kind}` });
    count = sandbox.health.counts['Contact'] ?? 0;
    expect((await harness.run('Contact')).error).toBeNull();
  });
  afterAll(() => sandbox.stop());

  it('remembers no ids during a first load: there is nothing to compare with', async () => {
    const report = await runUntilPage('Account', 1);
    expect(report.error).toBeNull();
    expect(await seen()).toBe(0);
    expect((await harness.run('Account')).error).toBeNull();
    expect((await harness.records('Account')).size).toBe(sandbox.health.counts['Account']);
  });

  it('finds them when everything is read again, and rewrites nothing else', async () => {
    const before = await rowsOf('Contact');
    await addPhantoms(db, harness, 'Contact', PHANTOMS, LONG_AGO);
    const { tenant } = harness;
    const key = { tenant, stream: (await harness.stream('Contact')).id };
    const aside = { field: 'Birthdate', reason: 'not a date', value: 'a secret' };
    const records = PHANTOMS.map((id) => ({ id, fields: [aside] }));
    await db.tenantTx(tenant, (tx) => saveQuarantine(tx, { ...key, schemaVersion: 1, records }));
    await expireCursor(sandbox, harness, 'Contact');
    expect((await rowsOf('Contact')).length).toBe(count + PHANTOMS.length);
    const report = await harness.run('Contact');
    expect(report).toMatchObject({ error: null, records: count, changed: PHANTOMS.length });
    expect(await rowsOf('Contact')).toEqual(before);
    for (const id of PHANTOMS) expect(await changesOf(id)).toEqual(['i', 'd']);
    expect(await seen()).toBe(0);
    // What is deleted has no values, set aside or not.
    expect(await db.tenantRead(tenant, (tx) => listQuarantine(tx, { ...key, limit: 5 }))).toEqual([]);
  });

  it('goes on with the comparison in another process, from any page', async () => {
    await addPhantoms(db, harness, 'Contact', PHANTOMS, LONG_AGO);
    await expireCursor(sandbox, harness, 'Contact');
    expect(await runUntilPage('Contact', 1)).toMatchObject({ pages: 1, records: 2_000, error: null });
    expect(await seen()).toBe(2_000);
    expect((await rowsOf('Contact')).length).toBe(count + PHANTOMS.length);
    const rest = await harness.run('Contact');
    expect(rest).toMatchObject({ records: count - 2_000, changed: PHANTOMS.length, error: null });
    expect((await rowsOf('Contact')).length).toBe(count);
    expect(await seen()).toBe(0);
  });

  it('takes one back that was only away', async () => {
    const [first] = await rowsOf('Contact');
    const id = first?.id ?? '';
    const { id: stream } = await harness.stream('Contact');
    const gone = { id, hash: '', docText: '', srcAt: null, deleted: true };
    await db.tenantTx(harness.tenant, (tx) =>
      ingestRecords(tx, { tenant: harness.tenant, stream, records: [gone], seenAt: tx.now }),
    );
    await expireCursor(sandbox, harness, 'Contact');
    expect(await harness.run('Contact')).toMatchObject({ changed: 1, error: null });
    expect((await rowsOf('Contact')).map((row) => row.id)).toContain(id);
  });

  describeListing();

  /** The same by ids: what a provider needs that tells of no deletion at all. */
  function describeListing(): void {
    const listed: (string | null)[] = [];
    let onList: (() => Promise<void>) | null = null;

    /** The newest ids come first, so that a record made meanwhile is one that the list has already passed. */
    const listIds = async (name: string, afterId: string | null): Promise<IdPage> => {
      const where = afterId === null ? '' : ` WHERE Id < '${afterId}'`;
      const soql = `SELECT Id FROM ${name}${where} ORDER BY Id DESC LIMIT 1000`;
      const { accessToken } = await harness.signedIn.access.token();
      const answer = await fetch(
        `${harness.signedIn.access.apiUrl}/services/data/v62.0/query?q=${encodeURIComponent(soql)}`,
        { headers: { authorization: `Bearer ${accessToken}` } },
      );
      const { records } = (await answer.json()) as { records: { Id: string }[] };
      listed.push(afterId);
      await onList?.();
      return { ids: records.map(({ Id }) => Id), more: records.length === 1_000 };
    };

    const runListing = async (signal?: AbortSignal): Promise<RunReport> => {
      listed.length = 0;
      const { listStamps: _stamps, ...session } = harness.target.session;
      return harness.run('Contact', signal, {
        ...session,
        listIds: (object, afterId) => listIds(object.name, afterId),
      });
    };
    const makeDue = (): Promise<unknown> =>
      db.tenantTx(harness.tenant, (tx) =>
        tx.query(
          `update sweep set ended_at = ended_at - interval '25 hours'
           where tenant = $1 and stream in (select id from stream where tenant = $1 and object = 'Contact')`,
          [harness.tenant],
        ),
      );

    it('lists no ids before a day has passed', async () => {
      await addPhantoms(db, harness, 'Contact', PHANTOMS, LONG_AGO);
      expect(await runListing()).toMatchObject({ error: null, changed: 0 });
      expect(listed).toEqual([]);
    });

    it('finds what is gone by its id, in pages that another process goes on with', async () => {
      await makeDue();
      const stop = new AbortController();
      onList = async () => stop.abort(new Error('the process is killed'));
      expect(await runListing(stop.signal)).toMatchObject({ error: null, changed: 0 });
      onList = null;
      expect(listed).toEqual([null]);
      expect((await rowsOf('Contact')).length).toBe(count + PHANTOMS.length);
      expect(await runListing()).toMatchObject({ error: null, changed: PHANTOMS.length });
      expect(listed.length).toBe(Math.ceil(count / 1_000) - 1);
      expect(listed).not.toContain(null);
      expect((await rowsOf('Contact')).length).toBe(count);
      expect(await runListing()).toMatchObject({ error: null, changed: 0 });
      expect(listed).toEqual([]);
    });

    it('reads changes meanwhile, and keeps a record that was made behind the list', async () => {
      await makeDue();
      const { tenant } = harness;
      await db.tenantTx(tenant, (tx) => tx.query('update stream set every_s = 0 where tenant = $1', [tenant]));
      await addPhantoms(db, harness, 'Contact', PHANTOMS, LONG_AGO);
      let made = '';
      onList = async () => {
        onList = null;
        ({ id: made } = await sandbox.mutate({ op: 'create', object: 'Contact', fields: { LastName: 'Mittendrin' } }));
      };
      const report = await runListing();
      expect(report).toMatchObject({ error: null, changed: PHANTOMS.length + 1 });
      expect(listed.length).toBe(Math.ceil(count / 1_000));
      const ids = (await rowsOf('Contact')).map((row) => row.id);
      expect(ids).toContain(made);
      expect(ids).toHaveLength(count + 1);
    });
  }
});

describeEachStore('a whole reading of some days only', (open, kind) => {
  it('leaves alone what is older than they are', async () => {
    const [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 2_000 })]);
    try {
      const harness = await syncHarness(db, sandbox, ['Contact'], { slug: `days-${kind}`, backfillDays: 200 });
      expect((await harness.run('Contact')).error).toBeNull();
      const [old = '', recent = ''] = PHANTOMS;
      await addPhantoms(db, harness, 'Contact', [old], LONG_AGO);
      await addPhantoms(db, harness, 'Contact', [recent], new Date(Date.now() - 86_400_000));
      await expireCursor(sandbox, harness, 'Contact');
      expect(await harness.run('Contact')).toMatchObject({ error: null, changed: 1 });
      const ids = [...(await harness.records('Contact')).keys()];
      expect(ids).toContain(old);
      expect(ids).not.toContain(recent);
    } finally {
      await sandbox.stop();
    }
  });
});

describeEachStore('a calendar whose place was forgotten', (open, kind) => {
  it('loses what is no longer there, in the run that finds out, and stays answerable', async () => {
    const [db, sandbox] = await Promise.all([open(), startSandbox('google_calendar', { scale: 2_000 })]);
    try {
      const harness = await syncHarness(db, sandbox, ['events', 'calendars'], { slug: `calendar-${kind}` });
      expect((await harness.run('events')).error).toBeNull();
      const before = await harness.records('events');
      expect(before.size).toBeGreaterThan(50);
      expect(await harness.run('events')).toMatchObject({ error: null, changed: 0, pages: 1 });
      await addPhantoms(db, harness, 'events', PHANTOMS, LONG_AGO);
      await sandbox.control('POST', 'faults', {
        match: { path: '/calendar/v3/calendars/' },
        times: 1,
        action: { status: 410, body: { error: { code: 410, errors: [{ reason: 'fullSyncRequired' }] } } },
      });
      const { backfillRecords } = await harness.stream('events');
      expect(await harness.run('events')).toMatchObject({ error: null, changed: PHANTOMS.length });
      // Counted as a load only while readers have to wait for one.
      expect(await harness.stream('events')).toMatchObject({ phase: 'current', backfillRecords });
      expect(await harness.records('events')).toEqual(before);
    } finally {
      await sandbox.stop();
    }
  });
});
