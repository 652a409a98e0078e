import { afterAll, beforeAll, expect, it } from 'vitest';
import { listQuarantine, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

describeEachStore('a stream, run against a Salesforce org', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 20_000 })]);
    harness = await syncHarness(db, sandbox, ['Account', 'Contact', 'Opportunity', 'NoSuchThing__c'], {
      slug: `acme-${kind}`,
      alsoSync: ['Vertrag*'],
    });
  });
  afterAll(() => sandbox.stop());

  it('makes streams of what is declared, and of custom objects that a glob finds', async () => {
    expect((await harness.stream('Vertrag__c')).schemaVersion).toBe(1);
    await expect(harness.stream('NoSuchThing__c')).rejects.toThrow('no stream');
    expect(harness.events).toContainEqual(
      expect.objectContaining({ kind: 'object_unavailable', object: 'NoSuchThing__c' }),
    );
  });

  it('loads everything, with progress, and knows what it was true of', async () => {
    const before = new Date();
    const report = await harness.run('Account');
    expect(report.error).toBeNull();
    const stream = await harness.stream('Account');
    expect(stream).toMatchObject({ phase: 'current', expectedRecords: sandbox.health.counts['Account'] });
    expect(stream.asOf?.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1);
    const records = await harness.records('Account');
    expect(records.size).toBe(sandbox.health.counts['Account']);
    const [, account] = [...records][0] ?? [];
    expect(account).toMatchObject({ Name: expect.any(String), Kundennummer__c: expect.stringMatching(/^K-/) });
  });

  it('writes nothing when nothing changed', async () => {
    const versions = async (): Promise<unknown[]> =>
      db.tenantTx(harness.tenant, (tx) =>
        tx.query('select ext_id, ver, xmin::text from record where tenant = $1 order by 1', [harness.tenant]),
      );
    const before = await versions();
    const report = await harness.run('Account');
    expect(report).toMatchObject({ changed: 0, error: null });
    expect(await versions()).toEqual(before);
  });

  it('sees a changed, a new and a deleted record, and only these', async () => {
    const [first = '', second = ''] = [...(await harness.records('Account')).keys()];
    await sandbox.mutate({ op: 'update', object: 'Account', id: first, fields: { Name: 'Umbenannt GmbH' } });
    await sandbox.mutate({ op: 'delete', object: 'Account', id: second });
    const { id } = await sandbox.mutate({ op: 'create', object: 'Account', fields: { Name: 'Neu AG' } });
    const report = await harness.run('Account');
    expect(report).toMatchObject({ changed: 3, error: null });
    const records = await harness.records('Account');
    expect(records.get(first)).toMatchObject({ Name: 'Umbenannt GmbH' });
    expect(records.has(second)).toBe(false);
    expect(records.get(id)).toMatchObject({ Name: 'Neu AG' });
  });

  it('goes on at the page where it was stopped', async () => {
    const stop = new AbortController();
    harness.listener = (event) => {
      if (event.kind === 'sync_page') stop.abort(new Error('enough'));
    };
    const first = await harness.run('Opportunity', stop.signal);
    harness.listener = null;
    expect(first).toMatchObject({ pages: 1, records: 2_000, error: null });
    expect(await harness.stream('Opportunity')).toMatchObject({ phase: 'backfill', asOf: null, leaseBy: null });
    const rest = await harness.run('Opportunity');
    const all = sandbox.health.counts['Opportunity'] ?? 0;
    expect(rest).toMatchObject({ pages: 1, records: all - 2_000, error: null });
    expect(await harness.stream('Opportunity')).toMatchObject({ phase: 'current', backfillRecords: all });
    expect((await harness.records('Opportunity')).size).toBe(all);
  });

  it('keeps a value that does not fit aside, with the reason, and the rest of the record', async () => {
    const [id = ''] = [...(await harness.records('Opportunity')).keys()];
    await sandbox.control('POST', 'faults', {
      match: { path: '/services/data/' },
      after: 1,
      times: 1,
      action: {
        status: 200,
        body: {
          totalSize: 1,
          done: true,
          records: [
            {
              attributes: { type: 'Opportunity' },
              Id: id,
              Name: 'Odd',
              Auftragswert__c: 'viel',
              IsDeleted: false,
              SystemModstamp: '2099-01-01T00:00:00.000+0000',
            },
          ],
        },
      },
    });
    const report = await harness.run('Opportunity');
    await sandbox.control('DELETE', 'faults');
    expect(report.error).toBeNull();
    const record = (await harness.records('Opportunity')).get(id);
    expect(record).toMatchObject({ Name: 'Odd' });
    expect(record).not.toHaveProperty('Auftragswert__c');
    const kept = await db.tenantTx(harness.tenant, (tx) => listQuarantine(tx, { tenant: harness.tenant, limit: 10 }));
    expect(kept).toEqual([
      expect.objectContaining({ id, field: 'Auftragswert__c', reason: 'expected a number, got text', value: '"viel"' }),
    ]);
  });

  it('keeps the cursor and says what went wrong when the provider fails', async () => {
    const before = await harness.stream('Contact');
    await sandbox.control('POST', 'faults', {
      match: { path: '/services/data/' },
      times: 50,
      action: { status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] },
    });
    const report = await harness.run('Contact');
    await sandbox.control('DELETE', 'faults');
    expect(report.error?.code).toBe('connection_reauth_required');
    const after = await harness.stream('Contact');
    expect(after).toMatchObject({ cursor: before.cursor, phase: before.phase, leaseBy: null });
    expect(after.lastError).toMatchObject({ code: 'connection_reauth_required' });
    const again = await harness.run('Contact');
    expect(again.error).toBeNull();
    expect((await harness.stream('Contact')).lastError).toBeNull();
    expect((await harness.records('Contact')).size).toBe(sandbox.health.counts['Contact']);
  });

  it('reads everything again when the customer adds a field', async () => {
    await sandbox.control('POST', 'schema', {
      object: 'Contact',
      add: { name: 'Lieblingsfarbe__c', label: 'Lieblingsfarbe', type: 'string', length: 40 },
    });
    const report = await harness.run('Contact');
    expect(report.error).toBeNull();
    expect(harness.events).toContainEqual(
      expect.objectContaining({
        kind: 'schema_changed',
        object: 'Contact',
        version: 2,
        fieldsAdded: ['Lieblingsfarbe__c'],
      }),
    );
    expect(report.records).toBeGreaterThanOrEqual(sandbox.health.counts['Contact'] ?? 0);
    expect((await harness.stream('Contact')).schemaVersion).toBe(2);
  });
});

describeEachStore('a first load of some days only', (open, kind) => {
  it.each(['salesforce', 'zendesk'] as const)('begins there (%s)', async (provider) => {
    const object = provider === 'salesforce' ? 'Opportunity' : 'tickets';
    const [db, sandbox] = await Promise.all([open(), startSandbox(provider, { scale: 2_000 })]);
    try {
      const days = 200;
      const harness = await syncHarness(db, sandbox, [object], { slug: `${provider}-${kind}`, backfillDays: days });
      const since = Date.now() - days * 86_400_000;
      const report = await harness.run(object);
      expect(report.error).toBeNull();
      const stamp = provider === 'salesforce' ? 'SystemModstamp' : 'generated_timestamp';
      const stamps = [...(await harness.records(object)).values()].map((doc) =>
        typeof doc[stamp] === 'number' ? doc[stamp] * 1_000 : Date.parse(String(doc[stamp])),
      );
      expect(stamps.length).toBeGreaterThan(0);
      expect(stamps.length).toBeLessThan(sandbox.health.counts[object] ?? 0);
      expect(Math.min(...stamps)).toBeGreaterThanOrEqual(since - 60_000);
      expect((await harness.stream(object)).expectedRecords).toBeNull();
    } finally {
      await sandbox.stop();
    }
  });
});
