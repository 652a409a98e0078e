import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Db } from '../../src/store/index.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { describeEachStore } from '../support/stores.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

/** Google's events are read calendar by calendar: what changes in one that was passed is not in this round. */
describeEachStore('a run that ends what another one began', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('google_calendar', { scale: 2_000 })]);
    harness = await syncHarness(db, sandbox, ['events'], { slug: `rounds-${kind}` });
  });
  afterAll(() => sandbox.stop());

  const stopAtFirstPage = async (): Promise<void> => {
    const stop = new AbortController();
    harness.listener = (event) => {
      if (event.kind === 'sync_page') stop.abort(new Error('enough'));
    };
    expect(await harness.run('events', stop.signal)).toMatchObject({ pages: 1, error: null });
    harness.listener = null;
  };
  const changeOne = async (summary: string): Promise<string> => {
    const keys = [...(await harness.records('events')).keys()];
    const idOf = (each: string): string => each.slice(each.lastIndexOf('/') + 1);
    // One of a single calendar: a copy in another one would be a change, too.
    const [key = ''] = keys.filter((each) => keys.filter((other) => idOf(other) === idOf(each)).length === 1);
    const id = idOf(key);
    await sandbox.mutate({ op: 'update', object: 'events', id, fields: { summary } });
    return key;
  };

  it('brings what came in between, too, and says so', async () => {
    await stopAtFirstPage();
    const key = await changeOne('while it loads');
    const changedAt = new Date();
    expect(await harness.run('events')).toMatchObject({ error: null });
    expect((await harness.records('events')).get(key)).toMatchObject({ summary: 'while it loads' });
    expect((await harness.stream('events')).asOf?.getTime()).toBeGreaterThanOrEqual(changedAt.getTime() - 1);
  });

  it('asks no second time where nobody began before', async () => {
    const key = await changeOne('afterwards');
    const pages = { seen: 0 };
    harness.listener = (event) => {
      if (event.kind === 'sync_page') pages.seen += 1;
    };
    expect(await harness.run('events')).toMatchObject({ error: null, changed: 1 });
    harness.listener = null;
    expect((await harness.records('events')).get(key)).toMatchObject({ summary: 'afterwards' });
    // One with the change, and the end of the round.
    expect(pages.seen).toBeLessThanOrEqual(2);
  });
});
