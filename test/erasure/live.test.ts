import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, TenantId } from '../../src/kernel/index.ts';
import { findTenant, listOffboardings, tenantDirectories, tenantTables } from '../../src/store/index.ts';
import { objectsOf, startLifeRig, type LifeRig } from '../connection/rig.ts';

/** Against a Salesforce and a Zendesk that go on telling of everybody, with everything running. */
describe('erasing and off-boarding while systems are synced', { timeout: 240_000 }, () => {
  let rig: LifeRig;
  let tenant: TenantId;
  let email: string;
  let contact: string;

  beforeAll(async () => {
    rig = await startLifeRig();
  }, 300_000);
  afterAll(() => rig.stop());

  it('begins with everybody', async () => {
    await rig.signIn('crm');
    await rig.signIn('support');
    await rig.loaded('crm');
    await rig.loaded('support');
    tenant = (await findTenant(rig.gantry.db, 'acme'))?.id ?? (0 as TenantId);
    const [found] = await rig.gantry.db.query<{ id: string; email: string }>(
      `select r.ext_id as id, r.doc ->> 'Email' as email from record r
       join stream s on s.tenant = r.tenant and s.id = r.stream
       where s.object = 'Contact' and r.doc ->> 'Email' is not null order by 1 limit 1`,
    );
    email = found?.email ?? '';
    contact = found?.id ?? '';
    expect(email).not.toBe('');
  });

  const holding = async (text: string): Promise<number> => {
    const rows = await rig.gantry.db.query<{ n: number }>(
      `select count(*)::int as n from record r where r.tenant = $1
         and (position($2 in lower(r.doc::text)) > 0 or r.ext_id = $3)`,
      [tenant, text.toLowerCase(), contact],
    );
    return rows[0]?.n ?? -1;
  };
  const contacts = async (): Promise<JsonObject | undefined> =>
    objectsOf(await rig.connection('crm')).find((each) => each['object'] === 'Contact');

  it('keeps a person away from a whole new reading and from agents', async () => {
    expect(await holding(email)).toBeGreaterThan(0);
    const before = Number((await contacts())?.['records']);
    const { body } = await rig.ask('POST', '/v1/tenants/acme/erasures', { email, mentions: true });
    expect(body).toMatchObject({ state: 'done', proof: { complete: true } });
    expect(await holding(email)).toBe(0);
    const asked = await rig.ask('POST', '/v1/connections/crm/objects/Contact/backfill', { tenant: 'acme' });
    expect(asked.status).toBe(202);
    // A person who was never here before says when the reading is through.
    const last = async (): Promise<JsonObject | undefined> => {
      const { body: told } = await rig.ask('GET', '/v1/comparisons?tenant=acme&connection=crm');
      return ((told['comparisons'] ?? []) as JsonObject[]).find((each) => each['object'] === 'Contact');
    };
    await expect.poll(last, { timeout: 120_000, interval: 200 }).toMatchObject({ object: 'Contact' });
    expect(await holding(email)).toBe(0);
    expect(Number((await contacts())?.['records'])).toBeLessThan(before);
    const answer = await rig.agent('query_records', {
      object: 'crm.Contact',
      fields: ['Id'],
      filter: { field: 'Id', op: 'eq', value: contact },
    });
    expect(JSON.stringify(answer)).not.toContain(contact);
  });

  it('ends grants at the providers and leaves nothing of the tenant', async () => {
    const { body } = await rig.ask('POST', '/v1/offboardings', { tenant: 'acme', confirm: 'acme', note: 'churned' });
    const number = String(body['offboarding']);
    const state = async () => (await rig.ask('GET', `/v1/offboardings/${number}`)).body['state'];
    await expect.poll(state, { timeout: 120_000, interval: 200 }).toBe('done');
    const [row] = await listOffboardings(rig.gantry.db, 1);
    expect(row?.connections).toHaveLength(2);
    expect(row?.connections).toEqual(
      expect.arrayContaining([expect.objectContaining({ connection: 'crm', at_provider: 'at_provider' })]),
    );
    for (const table of [...tenantTables, ...tenantDirectories]) {
      const rows = await rig.gantry.db.query(`select 1 from "${table}" where tenant = $1 limit 1`, [tenant]);
      expect([table, rows.length]).toEqual([table, 0]);
    }
    expect(await rig.agent('list_connections', {})).toMatchObject({ code: 'unauthenticated' });
    expect(
      rig.events.flatMap((event) => ('cause' in event && event.kind === 'erasure_failed' ? [event.cause] : [])),
    ).toEqual([]);
  });
});
