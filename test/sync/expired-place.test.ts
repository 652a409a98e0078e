import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLifeRig, type LifeRig } from '../connection/rig.ts';

describe('S6: the provider has forgotten the place', { timeout: 300_000 }, () => {
  let rig: LifeRig;
  beforeAll(async () => {
    rig = await startLifeRig();
  }, 300_000);
  afterAll(() => rig.stop());

  const accounts = () => rig.agent('query_records', { object: 'account', fields: ['name'], limit: 50 });
  const stream = async (object: string) => {
    const [row] = await rig.gantry.db.query<{
      phase: string;
      as_of: Date | null;
      cursor: unknown;
      last_error: { code: string } | null;
      live: number;
    }>(
      `select s.phase, s.as_of, s.cursor, s.last_error,
         (select count(*)::int from record r where r.tenant = s.tenant and r.stream = s.id and not r.deleted) as live
       from stream s where s.object = $1`,
      [object],
    );
    if (row === undefined) throw new Error(`no stream of ${object}`);
    return row;
  };
  const sync = () => rig.ask('POST', '/v1/connections/crm/sync', { tenant: 'acme', objects: ['Account'] });

  it('is read again from the beginning, that object alone; until then what is here is served and called stale', async () => {
    await rig.signIn('crm');
    await rig.loaded('crm');
    const before = await stream('Account');
    const beside = await stream('Contact');
    const rows = (await accounts())['rows'] as unknown[];
    expect(rows.length).toBeGreaterThan(10);
    // The place is refused once; then nothing of the object can be read for a while.
    const records = (more: object) => ({ match: { path: '/FROM Account /' }, ...more });
    await rig.crm.control('POST', 'faults', [
      records({
        times: 1,
        action: { status: 400, body: [{ message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' }] },
      }),
      records({ times: 1_000_000, action: { status: 503, body: 'down' } }),
    ]);
    await sync();
    await expect.poll(async () => (await stream('Account')).phase, { timeout: 120_000 }).toBe('new');
    const during = await stream('Account');
    // A fact for whoever looks after it, until the new reading is through.
    expect(during.last_error?.code).toBe('cursor_expired');
    expect(during).toMatchObject({ cursor: null, live: before.live });
    expect(during.as_of).toEqual(before.as_of);
    expect(await stream('Contact')).toMatchObject({ phase: 'current', live: beside.live });
    await expect
      .poll(async () => JSON.stringify((await accounts())['warnings'] ?? []), { timeout: 120_000 })
      .toContain('crm/Account/ is stale: everything of it is read again');
    const stale = await accounts();
    expect(stale['rows']).toEqual(rows);
    expect((stale['freshness'] as { as_of: string }).as_of).not.toBeNull();

    await rig.crm.control('DELETE', 'faults');
    for (;;) {
      await sync();
      const now = await stream('Account');
      // Nothing was taken away at any time.
      expect(now.live).toBeGreaterThanOrEqual(before.live);
      if (now.phase === 'current') break;
      await sleep(100);
    }
    await expect
      .poll(async () => JSON.stringify((await accounts())['warnings'] ?? []), { timeout: 120_000 })
      .not.toContain('is stale');
    expect((await stream('Account')).as_of?.getTime()).toBeGreaterThan(before.as_of?.getTime() ?? Infinity);
  });
});
