import { expect, it } from 'vitest';
import { salesforceConnector } from '../../src/connectors/salesforce/connector.ts';
import type { ConnectorSession } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox } from '../support/sandbox.ts';
import { syncHarness } from './harness.ts';

describeEachStore('a first load by bulk job', (open, kind) => {
  it('is gone on with by the next process, and is followed by queries', async () => {
    const [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 6_000 })]);
    try {
      const harness = await syncHarness(db, sandbox, ['Contact'], { slug: `bulk-${kind}` });
      const connector = salesforceConnector(
        { clock: systemClock, random: systemRandom },
        { bulkFromRecords: 100, bulkPageRecords: 200 },
      );
      const process = (): ConnectorSession => connector.open(harness.signedIn.access);
      const count = sandbox.health.counts['Contact'] ?? 0;
      expect(count).toBeGreaterThan(400);

      const stop = new AbortController();
      harness.listener = (event) => {
        if (event.kind === 'sync_page' && event.records > 0) stop.abort(new Error('the process is killed'));
      };
      const first = await harness.run('Contact', stop.signal, process());
      harness.listener = null;
      expect(first).toMatchObject({ error: null, records: 200 });
      expect(await harness.stream('Contact')).toMatchObject({ phase: 'backfill', cursor: { by: 'bulk' } });

      const rest = await harness.run('Contact', undefined, process());
      expect(rest).toMatchObject({ error: null, records: count - 200 });
      expect(await harness.stream('Contact')).toMatchObject({ phase: 'current', backfillRecords: count });
      expect((await harness.records('Contact')).size).toBe(count);
      expect(harness.signedIn.calls.filter(({ method }) => method === 'POST')).toHaveLength(1);

      const [id = ''] = [...(await harness.records('Contact')).keys()];
      await sandbox.mutate({ op: 'update', object: 'Contact', id, fields: { LastName: 'Danach' } });
      expect(await harness.run('Contact')).toMatchObject({ error: null, changed: 1 });
      expect((await harness.records('Contact')).get(id)).toMatchObject({ LastName: 'Danach' });
    } finally {
      await sandbox.stop();
    }
  });
});
