import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/kernel/index.ts';
import { objectsOf, startLifeRig, type LifeRig } from '../connection/rig.ts';

interface Logged {
  readonly seq: number;
  readonly kind: string;
  readonly path: string;
}

/** A switch that stops every call, against a Salesforce that is being read, over real HTTP. */
describe('stopping every call', { timeout: 240_000 }, () => {
  let rig: LifeRig;
  const keys = new Map<string, string>();
  beforeAll(async () => {
    rig = await startLifeRig();
    for (const name of ['otto', 'olga']) {
      const made = await rig.ask('POST', '/v1/operators', { name, role: 'operator' });
      keys.set(name, String(made.body['key']));
    }
  }, 300_000);
  afterAll(() => rig.stop());

  const as = async (name: string, path: string, body: object): Promise<JsonObject> => {
    const answer = await fetch(`${rig.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.get(name) ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: 'acme', reason: 'odd records', ...body }),
    });
    return (await answer.json()) as JsonObject;
  };
  const ledger = async (since = 0): Promise<Logged[]> =>
    (await rig.crm.control<{ entries: Logged[] }>('GET', `ledger?since=${String(since)}&limit=100000`)).entries;
  const calls = async (since: number): Promise<string[]> =>
    (await ledger(since)).filter(({ kind, seq }) => kind === 'call' && seq > since).map(({ path }) => path);
  const account = async (): Promise<JsonObject | undefined> =>
    objectsOf(await rig.connection('crm')).find(({ object }) => object === 'Account');
  const lift = async (id: unknown): Promise<unknown> => {
    await as('otto', `/v1/switches/${String(id)}/lift`, {});
    return (await as('olga', `/v1/switches/${String(id)}/lift`, {}))['state'];
  };

  it('keeps the provider unasked after a second, says why, and loses nothing', async () => {
    await rig.signIn('crm');
    await rig.loaded('crm');
    const before = Number((await account())?.['records']);
    const thrown = await as('otto', '/v1/switches', { mode: 'stop_all_upstream', connection: 'crm' });
    expect(thrown).toMatchObject({ state: 'on', text: 'connection crm' });
    await sleep(1_000);
    const since = (await ledger()).at(-1)?.seq ?? 0;
    await rig.crm.mutate({ op: 'create', object: 'Account', fields: { Name: 'Made meanwhile' } });
    expect(await rig.ask('POST', '/v1/connections/crm/sync', { tenant: 'acme' })).toMatchObject({
      status: 503,
      body: { code: 'calls_stopped', message: 'otto has stopped all calls: odd records' },
    });
    await rig.gantry.db.query(`update stream set due_at = now() - interval '1 hour'`);
    // It was tried, and what was tried came to nothing here.
    await expect
      .poll(async () => JSON.stringify(await account()), { timeout: 120_000 })
      .toContain('otto has stopped all calls: odd records');
    const rows = await rig.agent('query_records', { object: 'account', fields: ['name'], limit: 5 });
    expect((rows['rows'] as unknown[]).length).toBe(5);
    expect(await calls(since)).toEqual([]);
    expect((await rig.connection('crm'))['state']).toBe('working');

    expect(await lift(thrown['id'])).toBe('lifted');
    await expect.poll(async () => Number((await account())?.['records']), { timeout: 120_000 }).toBe(before + 1);
    expect(JSON.stringify(await account())).not.toContain('stopped all calls');
    expect(await calls(since)).not.toEqual([]);
  });

  it('is in the audit, as is each change of what is connected, of keys and of the overlay', async () => {
    const ends = { tenant: 'acme', by: 'ada', note: 'month-end' };
    expect((await rig.ask('POST', '/v1/connections/crm/pause', ends)).status).toBe(200);
    expect((await rig.ask('POST', '/v1/connections/crm/resume', { tenant: 'acme', by: 'ada' })).status).toBe(200);
    const { body } = await rig.ask(
      'GET',
      '/v1/audit?tenant=acme&kind=configuration_changed,switch_thrown,switch_lifted&limit=100',
    );
    const sentences = (body['entries'] as JsonObject[]).map(({ sentence }) => String(sentence)).toReversed();
    expect(sentences).toEqual([
      'Gantry changed a key of agent renewals-copilot: made.',
      'Gantry changed connection crm: somebody signed in.',
      'otto stopped connection crm (stop_all_upstream). Reason given: “odd records”.',
      'olga let connection crm go on, as otto had asked. Reason given: “odd records”.',
      expect.stringMatching(/^.*ada.* changed connection crm: paused\. Reason given: “month-end”\.$/) as string,
      expect.stringMatching(/^.*ada.* changed connection crm: resumed\.$/) as string,
    ]);
    expect((await rig.ask('GET', '/v1/audit/verification?tenant=acme')).body).toMatchObject({ ok: true });
  });
});
