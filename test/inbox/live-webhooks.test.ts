import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/stores.ts';
import { integration, openLiveStage, tenant, type LiveStage } from './live-stage.ts';

const WAIT = { timeout: 50_000, interval: 100 };

/**
 * `gantry serve` as it runs in earnest, api and worker in two processes on
 * PostgreSQL, with a Zendesk that is asked for a webhook and sends what its
 * documents say. Nothing is read by schedule within a test: what an agent hears
 * was told.
 */
describe('changes that a provider tells, through whole servers', () => {
  let stage: LiveStage;
  let ids: readonly string[];
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const database = await freshDatabase();
    cleanUp.push(database.drop);
    stage = await openLiveStage({
      provider: 'zendesk',
      objects: ['tickets', 'organizations'],
      every: '1d',
      live: true,
      scale: 2_000,
      databaseUrl: database.url,
    });
    cleanUp.push(() => stage.close());
    ids = (await stage.rows({ object: `${integration}.tickets`, fields: ['id'], limit: 100 })).map(([id]) =>
      String(id),
    );
  }, 120_000);
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  const webhook = async (): Promise<Record<string, unknown>> => {
    const { connections } = await stage.ask('GET', `/v1/connections?tenant=${tenant}`);
    const [first] = connections as { webhook: Record<string, unknown> | null }[];
    return first?.webhook ?? {};
  };
  const id = (at: number): string => ids[at] ?? '';
  const change = (at: number, subject: string): Promise<unknown> =>
    stage.sandbox.mutate({ op: 'update', object: 'tickets', id: id(at), fields: { subject } });
  const subjectOf = async (at: number): Promise<unknown> =>
    (await stage.rows({ object: `${integration}.tickets`, fields: ['subject'], filter: { id: id(at) } }))[0]?.[0];
  const answers = async (at: number, subject: string): Promise<void> => {
    await expect.poll(() => subjectOf(at), WAIT).toBe(subject);
  };
  const sent = (kind: object): Promise<unknown> => stage.sandbox.control('POST', 'webhooks/faults', kind);
  const waiting = (): Promise<unknown[]> => stage.sql(`select event from inbox_event where state = 'waiting'`);

  it('is registered after connecting, and said in words', async () => {
    await expect.poll(async () => (await webhook())['state'], WAIT).toBe('registered');
    // Registering made the streams due once more: that reading is over.
    await expect
      .poll(() => stage.sql("select object from stream where due_at < now() + interval '1 minute'"), WAIT)
      .toEqual([]);
    const told = await webhook();
    expect(told).toMatchObject({ objects: ['tickets', 'organizations'], refused: 0 });
    expect(told['what']).toBe('Live by webhook: the provider tells of changes to tickets, organizations.');
  });

  it('H4: a change in Zendesk is in an agent’s answer, a deletion too', async () => {
    await change(0, 'sofort da');
    await answers(0, 'sofort da');
    expect((await webhook())['last_delivery']).not.toBe(null);
    await stage.sandbox.mutate({ op: 'delete', object: 'tickets', id: id(1) });
    await expect.poll(() => subjectOf(1), WAIT).toBe(undefined);
  });

  it('H1, H2, I2: duplicates and another order change nothing', async () => {
    await sent([
      { kind: 'duplicate', copies: 2 },
      { kind: 'reorder', size: 4 },
    ]);
    for (let at = 2; at < 10; at += 1) {
      await change(at, 'alt');
      await change(at, `neu ${String(at)}`);
    }
    await stage.sandbox.mutate({ op: 'delete', object: 'tickets', id: id(10) });
    await stage.sandbox.control('POST', 'webhooks/flush');
    await stage.sandbox.control('DELETE', 'webhooks/faults');
    await stage.sandbox.control('POST', 'webhooks/settle');
    for (let at = 2; at < 10; at += 1) await answers(at, `neu ${String(at)}`);
    await expect.poll(() => subjectOf(10), WAIT).toBe(undefined);
    await expect.poll(waiting, WAIT).toEqual([]);
    const twice = await stage.sql(
      'select event from inbox_event group by tenant, connection, event having count(*) > 1',
    );
    expect(twice).toEqual([]);
  });

  it('H3: what was never told is found by plain reading', async () => {
    await sent({ kind: 'drop', next: 50 });
    await change(11, 'ungehört');
    await stage.sandbox.control('POST', 'webhooks/settle');
    await stage.sandbox.control('DELETE', 'webhooks/faults');
    expect(await subjectOf(11)).not.toBe('ungehört');
    // What Zendesk holds back of the last minute.
    await stage.sandbox.control('POST', 'clock', { advanceMs: 120_000 });
    await stage.operator.sync(integration, ['tickets']);
    await answers(11, 'ungehört');
    await stage.sandbox.control('POST', 'clock', { advanceMs: -120_000 }).catch(() => undefined);
  });

  it('H4, X: a worker that dies leaves nothing behind that another does not read', async () => {
    await stage.worker.kill();
    for (let at = 12; at < 16; at += 1) await change(at, `ohne Arbeiter ${String(at)}`);
    await stage.sandbox.control('POST', 'webhooks/settle');
    await expect.poll(async () => (await waiting()).length, WAIT).toBeGreaterThanOrEqual(4);
    expect(await subjectOf(12)).not.toBe('ohne Arbeiter 12');
    stage.work();
    for (let at = 12; at < 16; at += 1) await answers(at, `ohne Arbeiter ${String(at)}`);
  });

  it('is taken back at Zendesk when the project no longer wants it, and polling goes on', async () => {
    await stage.apply({ live: false });
    await expect.poll(async () => Object.keys(await webhook()), WAIT).toEqual([]);
    await stage.operator.sync(integration, ['tickets']);
    expect((await stage.sql('select address from webhook_address')).length).toBe(0);
  });
});
