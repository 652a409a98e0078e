import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { integration, openLiveStage, tenant, type LiveStage } from './live-stage.ts';

const WAIT = { timeout: 120_000, interval: 100 };

/**
 * `gantry serve` as it runs in earnest, api and worker in two processes on
 * PostgreSQL, with a Zendesk that is asked for a webhook and sends what its
 * documents say. Nothing is read by schedule within a test: what an agent hears
 * was told.
 */
describe('changes that a provider tells, through whole servers', () => {
  let stage: LiveStage;
  /** Of its own, since it goes away. */
  let postgres: PostgresServer;
  let ids: readonly string[];
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
    cleanUp.push(() => postgres.stop());
    stage = await openLiveStage({
      provider: 'zendesk',
      objects: ['tickets', 'organizations'],
      every: '1d',
      live: true,
      scale: 2_000,
      databaseUrl: postgres.url,
    });
    cleanUp.push(() => stage.close());
    ids = (await stage.rows({ object: `${integration}.tickets`, fields: ['id'], limit: 100 })).map(([id]) =>
      String(id),
    );
  }, 300_000);
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
  interface Attempt {
    readonly status: number;
    readonly delivery: { readonly source: string };
  }
  const delivered = async (): Promise<readonly Attempt[]> =>
    (await stage.sandbox.control<{ attempts: Attempt[] }>('GET', 'webhooks/attempts')).attempts;
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

  it('X1, H4: while the database is away Zendesk is told to come again, and what it tells then is in the answer', async () => {
    await postgres.down();
    await change(20, 'als die Datenbank fort war');
    // Without a time to wait Zendesk would leave it at that.
    await expect.poll(async () => (await delivered()).at(-1)?.status, WAIT).toBe(503);
    // However long it takes to come back: it tries three times.
    await stage.sandbox.control('POST', 'webhooks/pause');
    await postgres.up();
    await expect
      .poll(
        () =>
          waiting().then(
            () => 'up',
            () => 'away',
          ),
        WAIT,
      )
      .toBe('up');
    await stage.sandbox.control('POST', 'webhooks/resume');
    await answers(20, 'als die Datenbank fort war');
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

  it('is kept while the connection is paused, and read when it goes on', async () => {
    await stage.ask('POST', `/v1/connections/${integration}/pause`, { tenant });
    await change(16, 'in der Pause');
    await stage.sandbox.control('POST', 'webhooks/settle');
    const attempts = await delivered();
    expect(attempts.at(-1)).toMatchObject({ status: 204 });
    expect((await waiting()).length).toBeGreaterThan(0);
    await stage.ask('POST', `/v1/connections/${integration}/resume`, { tenant });
    await answers(16, 'in der Pause');
  });

  it('is ended with the access, and the address is nobody’s even where Zendesk cannot be told', async () => {
    await expect.poll(async () => (await webhook())['state'], WAIT).toBe('registered');
    await stage.sandbox.control('POST', 'faults', {
      match: { method: 'DELETE', path: '/api/v2/webhooks' },
      times: 100,
      action: { reset: true },
    });
    await stage.ask('POST', `/v1/connections/${integration}/revoke`, { tenant });
    expect(await stage.sql('select address from webhook_address')).toEqual([]);
    expect(await stage.sql('select state from webhook_registration')).toEqual([]);
    const before = (await delivered()).length;
    // What an address stands for is remembered for some seconds: until then it is taken, and read by nobody.
    let tries = 0;
    const answer = async (): Promise<number | null | undefined> => {
      await change(17, `nach dem Ende ${String((tries += 1))}`);
      await stage.sandbox.control('POST', 'webhooks/settle');
      return (await delivered()).at(-1)?.status;
    };
    await expect.poll(answer, { ...WAIT, interval: 1_000 }).toBe(404);
    expect((await delivered()).length).toBeGreaterThan(before);
    await stage.sandbox.control('DELETE', 'faults');
    // The same once more, with a Zendesk that can be told: this webhook calls nobody from then on.
    await stage.operator.connect(integration, stage.sandbox);
    await expect.poll(async () => (await webhook())['state'], WAIT).toBe('registered');
    const [registered] = await stage.sql<{ id: string }>(`select reference ->> 'id' as id from webhook_registration`);
    const sources = async (): Promise<readonly string[]> => (await delivered()).map(({ delivery }) => delivery.source);
    await change(18, 'noch gemeldet');
    await expect.poll(sources, WAIT).toContain(registered?.id);
    await stage.sandbox.control('POST', 'webhooks/settle');
    await stage.ask('POST', `/v1/connections/${integration}/revoke`, { tenant });
    expect(await stage.sql('select address from webhook_address')).toEqual([]);
    const told = (await sources()).length;
    await change(19, 'nicht mehr');
    await stage.sandbox.control('POST', 'webhooks/settle');
    expect((await sources()).slice(told)).not.toContain(registered?.id);
    await stage.operator.connect(integration, stage.sandbox);
    await expect.poll(async () => (await webhook())['state'], WAIT).toBe('registered');
  });

  it('is taken back at Zendesk when the project no longer wants it, and polling goes on', async () => {
    await stage.apply({ live: false });
    await expect.poll(async () => Object.keys(await webhook()), WAIT).toEqual([]);
    await stage.operator.sync(integration, ['tickets']);
    expect((await stage.sql('select address from webhook_address')).length).toBe(0);
  });
});
