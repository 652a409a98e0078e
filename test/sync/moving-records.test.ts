import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorSession } from '../../src/connectors/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';
import { heldOf, truthOf } from './truth.ts';

/** A session that does something after each page it has read. */
function between(session: ConnectorSession, then: (page: number) => Promise<void>): ConnectorSession {
  let pages = 0;
  return {
    ...session,
    readPage: async (request) => {
      const page = await session.readPage(request);
      pages += 1;
      await then(pages);
      return page;
    },
  };
}

describe('records that move while they are read', () => {
  const open = openerOf('postgres');
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 40_000 })]);
    harness = await syncHarness(db, sandbox, ['Contact', 'Lead', 'Campaign'], { slug: 'moving' });
  });
  afterAll(() => sandbox.stop());

  const same = async (object: string, fields: readonly string[]): Promise<void> => {
    expect(await heldOf(harness, object, fields)).toEqual(await truthOf(harness, object, fields));
  };
  const commit = (input: object): Promise<{ ids: string[] }> => sandbox.control('POST', 'commit', input);

  it('S3: changed, deleted and made between the pages, read and unread ones: two runs later everything is as it is there', async () => {
    const ids = [...(await truthOf(harness, 'Contact', [])).keys()].toSorted();
    const { session } = harness.target;
    const touched = new Set<string>();
    const moving = between(session, async (page) => {
      for (const [step, at] of [0.1, 0.5, 0.9].entries()) {
        const id = ids[Math.floor(ids.length * at) + page] ?? '';
        touched.add(id);
        if (step === 1) await sandbox.mutate({ op: 'delete', object: 'Contact', id });
        else
          await sandbox.mutate({ op: 'update', object: 'Contact', id, fields: { LastName: `Seite ${String(page)}` } });
      }
      await sandbox.mutate({ op: 'create', object: 'Contact', fields: { LastName: `Neu nach ${String(page)}` } });
    });
    const report = await harness.run('Contact', undefined, moving);
    expect(report).toMatchObject({ error: null });
    expect(report.pages).toBeGreaterThanOrEqual(3);
    expect(touched.size).toBeGreaterThan(6);
    expect((await harness.run('Contact')).error).toBeNull();
    await same('Contact', ['LastName']);
  });

  it('S4: 5,000 of one moment lie across the edges of pages, and none is missing or there twice', async () => {
    expect((await harness.run('Lead')).error).toBeNull();
    const { ids } = await commit({ object: 'Lead', count: 5_000, fields: { LastName: 'Import #', Company: 'Import' } });
    const report = await harness.run('Lead');
    expect(report).toMatchObject({ error: null, changed: 5_000 });
    expect(report.pages).toBeGreaterThanOrEqual(3);
    expect(new Set(ids).size).toBe(5_000);
    await same('Lead', ['LastName']);
    expect(await harness.run('Lead')).toMatchObject({ error: null, changed: 0 });
  });

  it('S5: one that is committed 90 seconds after its stamp is there with the next run, though later ones were read before', async () => {
    expect((await harness.run('Campaign')).error).toBeNull();
    const { ids } = await commit({
      object: 'Campaign',
      fields: { Name: 'Spät' },
      visibleAfterMs: 90_000,
    });
    await sandbox.control('POST', 'clock', { advanceMs: 30_000 });
    await sandbox.mutate({ op: 'create', object: 'Campaign', fields: { Name: 'Danach' } });
    expect(await harness.run('Campaign')).toMatchObject({ error: null, changed: 1 });
    const [late = ''] = ids;
    expect((await harness.records('Campaign')).has(late)).toBe(false);
    await sandbox.control('POST', 'clock', { advanceMs: 61_000 });
    expect(await harness.run('Campaign')).toMatchObject({ error: null, changed: 1 });
    expect((await harness.records('Campaign')).get(late)).toMatchObject({ Name: 'Spät' });
    await same('Campaign', ['Name']);
  });

  it('S7: a deletion of a record that was never here leaves a tombstone that nobody is told of, and it stays gone', async () => {
    const { id } = await sandbox.mutate({ op: 'create', object: 'Campaign', fields: { Name: 'Kurz' } });
    await sandbox.mutate({ op: 'delete', object: 'Campaign', id });
    expect(await harness.run('Campaign')).toMatchObject({ error: null, changed: 0 });
    const { tenant } = harness;
    const found = await db.tenantRead(tenant, async (tx) => ({
      rows: await tx.query('select deleted, doc from record where tenant = $1 and ext_id = $2', [tenant, id]),
      changes: await tx.query('select 1 from change where tenant = $1 and ext_id = $2', [tenant, id]),
    }));
    expect(found).toEqual({ rows: [{ deleted: true, doc: null }], changes: [] });
    expect(await harness.run('Campaign')).toMatchObject({ error: null, changed: 0 });
    expect((await harness.records('Campaign')).has(id)).toBe(false);
  });
});
