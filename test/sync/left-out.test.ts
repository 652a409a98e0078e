import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalJson, contentHash } from '../../src/kernel/index.ts';
import { ingestRecords, readSweep, type Db, type SweepRow } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

describeEachStore('a whole reading of a provider that holds back the last minute (I2)', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  const PHANTOM = '999999001';

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('zendesk', { scale: 2_000 })]);
    harness = await syncHarness(db, sandbox, ['tickets'], { slug: `left-out-${kind}` });
    expect((await harness.run('tickets')).error).toBeNull();
  });
  afterAll(() => sandbox.stop());

  const sweep = async (): Promise<SweepRow | null> => {
    const { id: stream } = await harness.stream('tickets');
    return db.tenantRead(harness.tenant, (tx) => readSweep(tx, { tenant: harness.tenant, stream }));
  };
  const sql = (text: string): Promise<unknown> => db.tenantTx(harness.tenant, (tx) => tx.query(text, [harness.tenant]));
  const has = async (id: string): Promise<boolean> => (await harness.records('tickets')).has(id);

  it('takes nothing for gone that was changed just before its end, and ends once that minute was read', async () => {
    const { tenant } = harness;
    const { id: stream } = await harness.stream('tickets');
    const docText = canonicalJson({ id: PHANTOM });
    const phantom = { id: PHANTOM, hash: contentHash(docText), docText, srcAt: new Date('2020-01-01'), deleted: false };
    await db.tenantTx(tenant, (tx) => ingestRecords(tx, { tenant, stream, records: [phantom], seenAt: tx.now }));
    const [changed = ''] = [...(await harness.records('tickets')).keys()];
    await sql(`update sweep set ended_at = ended_at - interval '8 days' where tenant = $1`);

    await sandbox.mutate({ op: 'update', object: 'tickets', id: changed, fields: { subject: 'Eben geändert' } });
    expect((await harness.run('tickets')).error).toBeNull();
    expect(await has(changed)).toBe(true);
    expect(await has(PHANTOM)).toBe(true);
    expect(await sweep()).toMatchObject({ kind: 'reading', awaits: expect.any(Date) });

    // The minute is over at the provider, but a run that comes too early has not read up to that moment.
    await sandbox.control('POST', 'clock', { advanceMs: 120_000 });
    const calls = harness.signedIn.calls.length;
    expect((await harness.run('tickets')).error).toBeNull();
    // It goes on from its place, and does not begin anew.
    expect(harness.signedIn.calls.length - calls).toBeLessThan(6);
    expect((await harness.records('tickets')).get(changed)).toMatchObject({ subject: 'Eben geändert' });
    expect(await has(PHANTOM)).toBe(true);
    expect(await sweep()).toMatchObject({ kind: 'reading', awaits: expect.any(Date) });

    await sql(`update sweep set awaits = awaits - interval '5 minutes' where tenant = $1`);
    expect(await harness.run('tickets')).toMatchObject({ error: null, changed: 1 });
    expect(await has(PHANTOM)).toBe(false);
    expect(await has(changed)).toBe(true);
    expect(await sweep()).toMatchObject({ kind: null, awaits: null });
    expect((await sweep())?.endedAt?.getTime()).toBeGreaterThan(Date.now() - 3_600_000);
    const tombstones = await db.tenantRead(tenant, (tx) =>
      tx.query(`select ext_id as id from change where tenant = $1 and op = 'd'`, [tenant]),
    );
    expect(tombstones).toEqual([{ id: PHANTOM }]);
  });
});
