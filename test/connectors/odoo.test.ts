import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector, type ConnectorSession } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { NativeField } from '../../src/schema/index.ts';
import { adminOf, signInWithValues, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { connectorContract, readAll, type ProviderFacts } from './contract-suite.ts';
import { odooSignIn, odooValues } from './odoo-sign-in.ts';

const facts: Omit<ProviderFacts, 'variant' | 'start' | 'signIn' | 'readPath'> = {
  provider: 'odoo',
  scale: 11_000,
  prepare: async () => {},
  objects: ['res.partner', 'crm.lead', 'crm.stage', 'res.country', 'x_renewal'],
  main: {
    object: 'res.partner',
    create: { name: 'Neu GmbH', is_company: true },
    update: { name: 'Geändert AG' },
    field: 'name',
    value: 'Geändert AG',
  },
  deletions: 'by_ids',
  cursorGone: null,
  tokenLifeMs: null,
};

connectorContract({
  ...facts,
  variant: 'JSON-2',
  start: { company: 'globex', odooVersion: 19 },
  signIn: (sandbox, connector) => odooSignIn(sandbox, connector),
  readPath: '/json/2/res.partner/search_read',
});
connectorContract({
  ...facts,
  variant: 'JSON-RPC',
  start: { company: 'globex', odooVersion: 17 },
  signIn: (sandbox, connector) => odooSignIn(sandbox, connector),
  readPath: '/jsonrpc',
});
connectorContract({
  ...facts,
  variant: 'XML-RPC',
  start: { company: 'globex', odooVersion: 14 },
  signIn: (sandbox, connector) => odooSignIn(sandbox, connector, 'xmlrpc'),
  readPath: '/xmlrpc/2/object',
});

describe('odoo: what a customised database adds', () => {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'odoo');
  let sandbox: TestSandbox;
  let session: ConnectorSession;
  beforeAll(async () => {
    sandbox = await startSandbox('odoo', { company: 'globex' });
    session = connector.open((await odooSignIn(sandbox, connector)).access);
  });
  afterAll(() => sandbox.stop());

  const fieldsOf = async (model: string): Promise<Map<string, NativeField>> =>
    new Map((await session.describeObject(model)).fields.map((field) => [field.name, field]));

  it('lists what business people know, and the models that the customer made', async () => {
    const objects = new Map((await session.listObjects()).map((object) => [object.name, object]));
    expect(objects.get('x_renewal')).toMatchObject({ custom: true, replicable: true });
    expect(objects.get('mail.message')).toMatchObject({ custom: false, replicable: true });
    expect(objects.get('ir.model')?.replicable).toBe(false);
    expect(objects.get('base.automation')?.replicable).toBe(false);
  });

  it('describes fields in our vocabulary', async () => {
    const partner = await fieldsOf('res.partner');
    expect(partner.get('country_id')).toMatchObject({ type: 'reference', references: ['res.country'] });
    expect(partner.get('country_id_name')).toMatchObject({ type: 'string', computed: true, writable: false });
    expect(partner.get('active')).toMatchObject({ type: 'boolean' });
    expect([...partner.values()].some((field) => field.custom && field.name.startsWith('x_'))).toBe(true);
    // Not stored: computed when asked for.
    expect(partner.has('display_name')).toBe(false);
    const lead = await fieldsOf('crm.lead');
    expect(lead.get('type')).toMatchObject({ type: 'enum' });
    expect(lead.get('type')?.values?.map(({ value }) => value)).toEqual(['lead', 'opportunity']);
    expect(lead.get('expected_revenue')?.type).toBe('decimal');
    expect(lead.get('write_date')?.type).toBe('datetime');
    const renewal = await session.describeObject('x_renewal');
    expect(renewal).toMatchObject({ custom: true, linkTemplate: `${sandbox.url}/odoo/m-x_renewal/{id}` });
  });

  it('tells what a new record needs, and the rules around the model', async () => {
    const lead = await session.describeObject('crm.lead');
    expect(lead.fields.filter((field) => field.required).map((field) => field.name)).toContain('name');
    const rules = new Map(
      (
        await Promise.all(
          ['crm.lead', 'x_renewal', 'res.partner', 'res.country'].map((name) => session.describeObject(name)),
        )
      )
        .flatMap((object) => object.rules ?? [])
        .map((rule) => [rule.kind, rule]),
    );
    expect(rules.get('automation')).toMatchObject({ active: expect.any(Boolean), name: expect.stringMatching(/\S/) });
    expect(rules.get('constraint')).toMatchObject({ condition: expect.stringMatching(/check|unique/i) });
  });

  it('keeps archived records, which are not deleted', async () => {
    const partner = await session.describeObject('res.partner');
    const { records } = await readAll(session, partner, null);
    const archived = records.filter((record) => record.values['active'] === false);
    expect(archived.length).toBeGreaterThan(0);
    expect(archived.every((record) => !record.deleted)).toBe(true);
  });

  it('reads empty values as nothing, moments in UTC, and references with the name they had', async () => {
    const partner = await session.describeObject('res.partner');
    const { records } = await readAll(session, partner, null);
    for (const { values } of records) {
      for (const field of partner.fields) {
        if (field.type !== 'boolean') expect(values[field.name], field.name).not.toBe(false);
      }
      expect(values['write_date']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
    }
    const withCountry = records.find((record) => record.values['country_id'] !== null);
    expect(withCountry?.values).toMatchObject({ country_id: expect.any(Number), country_id_name: expect.any(String) });
  });

  it('loses nothing that was written within one second, whatever the pages', async () => {
    const renewal = await session.describeObject('x_renewal');
    const first = await readAll(session, renewal, null);
    const changed = first.records.slice(0, 5).map((record) => record.id);
    let cursor = first.cursors.at(-1) ?? null;
    const seen = new Set<string>();
    for (const [index, id] of changed.entries()) {
      await sandbox.mutate({ op: 'update', object: 'x_renewal', id, fields: { x_state: `stufe ${String(index)}` } });
      const next = await readAll(session, renewal, cursor);
      for (const record of next.records) seen.add(`${record.id} ${String(record.values['x_state'])}`);
      cursor = next.cursors.at(-1) ?? null;
    }
    for (const [index, id] of changed.entries()) expect([...seen]).toContain(`${id} stufe ${String(index)}`);
  });

  it('shows a salesperson less than the administrator', async () => {
    const admin = adminOf(sandbox);
    const other = sandbox.health.users.find(
      (user) => user.id !== admin.id && user.role === 'user' && (user as { active?: boolean }).active !== false,
    );
    if (other === undefined) throw new Error('the sandbox has no other user');
    const own = connector.open((await signInWithValues(connector, 'api_key', odooValues(sandbox, other))).access);
    expect((await own.identify()).accountId).toBe((await session.identify()).accountId);
    expect((await own.identify()).userName).toBe(other.username);
    // Rules are for administrators; to anybody else the model has none.
    expect((await own.describeObject('crm.lead')).rules).toBeUndefined();
    const all = await session.countRecords('crm.lead');
    expect(await own.countRecords('crm.lead')).toBeLessThan(all ?? 0);
  });
});
