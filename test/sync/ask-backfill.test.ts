import { afterAll, beforeAll, expect, it } from 'vitest';
import { streamId, type StreamId } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { askBackfill } from '../../src/sync/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

const DAY_MS = 86_400_000;

describeEachStore('reading again what was changed since a day', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let stream: StreamId;
  let all = 0;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 2_000 })]);
    // The manifest wants 200 days and no more.
    harness = await syncHarness(db, sandbox, ['Opportunity'], { slug: `backfill-${kind}`, backfillDays: 200 });
    expect((await harness.run('Opportunity')).error).toBeNull();
    stream = (await harness.stream('Opportunity')).id;
    all = sandbox.health.counts['Opportunity'] ?? 0;
  });
  afterAll(() => sandbox.stop());

  const ask = (since: Date | null, of: StreamId = stream): Promise<boolean> =>
    db.tenantTx(harness.tenant, (tx) => askBackfill(tx, { tenant: harness.tenant, stream: of, since }));
  const ago = (days: number): Date => new Date(Date.now() - days * DAY_MS);
  const count = async (): Promise<number> => (await harness.records('Opportunity')).size;

  it('knows no stream of another number', async () => {
    expect(await ask(null, streamId(stream + 1_000))).toBe(false);
  });

  it('a comparison leaves out what the manifest leaves out', async () => {
    const before = await count();
    await db.tenantTx(harness.tenant, (tx) =>
      tx.query(`update sweep set ended_at = ended_at - interval '25 hours' where tenant = $1`, [harness.tenant]),
    );
    expect(await harness.run('Opportunity')).toMatchObject({ error: null, changed: 0 });
    expect(await count()).toBe(before);
  });

  it('reads further back than the manifest says, once, and keeps that', async () => {
    const before = await count();
    expect(before).toBeLessThan(all);
    expect(await ask(ago(400))).toBe(true);
    expect((await harness.stream('Opportunity')).backfillAsked).toMatchObject({ since: expect.any(String) });
    expect((await harness.run('Opportunity')).error).toBeNull();
    const wider = await count();
    expect(wider).toBeGreaterThan(before);
    expect(await harness.stream('Opportunity')).toMatchObject({ backfillAsked: null, phase: 'current' });
    // Neither read again nor forgotten by the next run, which goes by the manifest.
    const calls = harness.signedIn.calls.length;
    const next = await harness.run('Opportunity');
    expect(next).toMatchObject({ error: null, changed: 0 });
    expect(next.records).toBeLessThan(wider);
    expect(harness.signedIn.calls.length - calls).toBeLessThan(5);
    expect(await count()).toBe(wider);
  });

  it('reads everything, and finds what is wrong here', async () => {
    await db.tenantTx(harness.tenant, (tx) =>
      tx.query(`update record set doc = '{}', hash = 'aa' where tenant = $1 and stream = $2`, [harness.tenant, stream]),
    );
    expect(await ask(null)).toBe(true);
    expect((await harness.run('Opportunity')).error).toBeNull();
    expect(await count()).toBe(all);
    expect([...(await harness.records('Opportunity')).values()].every((doc) => typeof doc['Name'] === 'string')).toBe(
      true,
    );
    expect((await harness.stream('Opportunity')).loadedSince).toBeNull();
  });

  it('of some days only leaves what is older as it is, and does not forget that it is here', async () => {
    const [phantom] = await db.tenantTx(harness.tenant, (tx) =>
      tx.query<{ id: string }>(
        `update record set ext_id = '006000000000000AAA' where tenant = $1 and stream = $2 and ext_id =
           (select ext_id from record where tenant = $1 and stream = $2 order by src_at limit 1) returning ext_id as id`,
        [harness.tenant, stream],
      ),
    );
    expect(await ask(ago(10))).toBe(true);
    const report = await harness.run('Opportunity');
    expect(report.error).toBeNull();
    expect(report.records).toBeLessThan(all);
    expect((await harness.records('Opportunity')).has(phantom?.id ?? '')).toBe(true);
    expect((await harness.stream('Opportunity')).loadedSince).toBeNull();
  });

  it('is begun by whoever comes next, where the first page was never kept', async () => {
    expect(await ask(ago(30))).toBe(true);
    await sandbox.control('POST', 'faults', {
      match: { path: '/services/data/v62.0/queryAll' },
      times: 1,
      action: { status: 400, body: [{ message: 'nonsense', errorCode: 'MALFORMED_QUERY' }] },
    });
    expect((await harness.run('Opportunity')).error).not.toBeNull();
    expect((await harness.stream('Opportunity')).backfillAsked).not.toBeNull();
    expect((await harness.run('Opportunity')).error).toBeNull();
    expect((await harness.stream('Opportunity')).backfillAsked).toBeNull();
  });
});
