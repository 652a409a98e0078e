import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectorSession } from '../../src/connectors/index.ts';
import { requestSync, type Db } from '../../src/store/index.ts';
import { startSyncWorker, type SyncEvent } from '../../src/sync/index.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { describeEachStore } from '../support/stores.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

const WAIT = { timeout: 120_000, interval: 20 };

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** What a long pause of the machine, or of the database, makes of a run whose provider takes its time. */
describeEachStore('a lease that ends while its own process goes on', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 2_000 })]);
    harness = await syncHarness(db, sandbox, ['Contact'], { slug: `own-${kind}` });
  });
  afterAll(() => sandbox.stop());

  it('S1: is claimed again by that process, and the run that lost it keeps nothing (seed 7)', async () => {
    const { tenant, deps, target, events } = harness;
    const gates = [gate(), gate()];
    let read = 0;
    const session: ConnectorSession = {
      ...target.session,
      readPage: async (request) => {
        const page = await target.session.readPage(request);
        await gates[read++]?.opened;
        return page;
      },
    };
    const ends = (): SyncEvent[] => events.filter(({ kind: what }) => what === 'sync_run_ended');
    const worker = startSyncWorker({
      ...deps,
      name: `one-${kind}`,
      prepare: async () => false,
      targetOf: async (_tenant, stream) => (stream.object === 'Contact' ? { ...target, session } : null),
      onRun: async () => undefined,
      concurrency: 4,
    });
    try {
      await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant, object: 'Contact' }));
      worker.wake();
      await expect.poll(() => read, WAIT).toBe(1);
      await db.tenantTx(tenant, async (tx) => {
        await tx.query(
          `update stream set lease_until = $2::timestamptz - interval '1 second', due_at = $2
           where tenant = $1 and object = 'Contact'`,
          [tenant, tx.now],
        );
        await requestSync(tx, { tenant, object: 'Contact' });
      });
      worker.wake();
      await expect.poll(() => read, WAIT).toBe(2);
      gates[0]?.open();
      await expect.poll(() => ends(), WAIT).toMatchObject([{ pages: 0, error: { code: 'stream_lease_lost' } }]);
      gates[1]?.open();
      await expect.poll(() => ends()[1], WAIT).toMatchObject({ error: null });
    } finally {
      for (const each of gates) each.open();
      await worker.stop();
    }
    expect((await harness.records('Contact')).size).toBe(sandbox.health.counts['Contact']);
  });
});
