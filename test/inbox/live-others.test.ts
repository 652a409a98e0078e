import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/stores.ts';
import { integration, openLiveStage, tenant, type LiveStage } from './live-stage.ts';

/** A worker that was killed holds an inbox for half a minute and a stream for 20 seconds, one after the other. */
const WAIT = { timeout: 110_000, interval: 100 };

/** How the two other providers tell: Odoo of records, Google that something in a calendar changed. */
const ways = [
  { provider: 'odoo', object: 'res.partner', key: 'id', field: 'name', told: 'res.partner' },
  { provider: 'google_calendar', object: 'events', key: 'key', field: 'summary', told: 'events' },
] as const;

/**
 * `gantry serve`, api and worker in two processes on PostgreSQL: the provider is
 * asked to tell, calls in, and agents see it. Read by schedule once a day.
 */
describe.each(ways)(
  'changes that $provider tells, through whole servers',
  { timeout: 360_000 },
  ({ provider, object, key, field, told }) => {
    let stage: LiveStage;
    let keys: readonly string[];
    const cleanUp: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      const database = await freshDatabase();
      cleanUp.push(database.drop);
      stage = await openLiveStage({
        provider,
        objects: [object],
        every: '1d',
        live: true,
        scale: 2_000,
        databaseUrl: database.url,
      });
      cleanUp.push(() => stage.close());
      const rows = await stage.rows({ object: `${integration}.${object}`, fields: [key], limit: 100 });
      // An event is in the calendars of all who take part.
      // Nor what goes with others: single days of a series.
      const ids = rows.map(([id]) => String(id)).filter((id) => !/_\d{8}T/.test(id));
      keys = ids.filter((id, at) => ids.findIndex((other) => eventOf(other) === eventOf(id)) === at);
    }, 300_000);
    afterAll(async () => {
      for (const clean of cleanUp.toReversed()) await clean();
    });

    const eventOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
    const keyAt = (at: number): string => keys[at] ?? '';
    const webhook = async (): Promise<Record<string, unknown>> => {
      const { connections } = await stage.ask('GET', `/v1/connections?tenant=${tenant}`);
      const [first] = connections as { webhook: Record<string, unknown> | null }[];
      return first?.webhook ?? {};
    };
    /** What failed at first is tried again at once, not after its half minute. */
    const webhookNow = async (): Promise<Record<string, unknown>> => {
      await stage.sql("update webhook_registration set due_at = now() where state = 'failed'");
      return webhook();
    };
    const change = (at: number, text: string): Promise<unknown> =>
      stage.sandbox.mutate({ op: 'update', object, id: eventOf(keyAt(at)), fields: { [field]: text } });
    const shown = async (at: number): Promise<unknown> => {
      const query = { object: `${integration}.${object}`, fields: [field], filter: { [key]: keyAt(at) } };
      return (await stage.rows(query))[0]?.[0];
    };
    const answers = async (at: number, text: string | undefined): Promise<void> => {
      await expect.poll(() => shown(at), WAIT).toBe(text);
    };

    it('is registered after connecting; a change and a deletion are in an agent’s answer', async () => {
      const what = `Live by webhook: the provider tells of changes to ${told}.`;
      await expect.poll(webhookNow, WAIT).toMatchObject({ what, state: 'registered', objects: [told], refused: 0 });
      // Registering made the stream due once more: that reading is over.
      await expect
        .poll(() => stage.sql("select object from stream where due_at < now() + interval '1 minute'"), WAIT)
        .toEqual([]);
      await change(0, 'sofort da');
      await answers(0, 'sofort da');
      expect((await webhook())['last_delivery']).not.toBe(null);
      await stage.sandbox.mutate({ op: 'delete', object, id: eventOf(keyAt(1)) });
      await answers(1, undefined);
    });

    it('H4, X: what is told while no worker is there is read by the next one', async () => {
      await stage.worker.kill();
      for (const at of [2, 3, 4]) await change(at, `ohne Arbeiter ${String(at)}`);
      await stage.sandbox.control('POST', 'webhooks/settle');
      expect(await shown(2)).not.toBe('ohne Arbeiter 2');
      stage.work();
      for (const at of [2, 3, 4]) await answers(at, `ohne Arbeiter ${String(at)}`);
    });

    it('X7: what an operator does and nobody could note is not done', async () => {
      const pause = (): Promise<unknown> =>
        stage.ask('POST', `/v1/connections/${integration}/objects/${object}/pause`, { tenant, note: 'ein Umzug' });
      const noted = async (): Promise<unknown[]> =>
        stage.sql<{ act: string }>(
          'select s.paused is not null as paused, a.act from stream s left join operator_act a on a.tenant = s.tenant',
        );
      await stage.sql('alter table operator_act add constraint no_room check (false) not valid');
      await expect(pause()).rejects.toThrow(/answered 5/);
      expect(await noted()).toEqual([{ paused: false, act: null }]);
      await stage.sql('alter table operator_act drop constraint no_room');
      await pause();
      expect(await noted()).toEqual([{ paused: true, act: 'pause' }]);
      await stage.ask('POST', `/v1/connections/${integration}/objects/${object}/resume`, { tenant });
    });

    it('is taken back at the provider when the project no longer wants it, and nobody calls any more', async () => {
      await stage.apply({ live: false });
      await expect.poll(webhook, WAIT).toEqual({});
      expect(await stage.sql('select address from webhook_address')).toEqual([]);
      const sent = async (): Promise<number> =>
        (await stage.sandbox.control<{ attempts: number }>('GET', 'webhooks')).attempts;
      const before = await sent();
      await change(5, 'wem auch immer');
      await stage.sandbox.control('POST', 'webhooks/settle');
      expect(await sent()).toBe(before);
    });
  },
);
