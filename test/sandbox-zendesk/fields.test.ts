import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld } from '../../sandbox/world/index.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import {
  ANCHOR,
  connect,
  exportAll,
  listAll,
  rows,
  startHelpDesk,
  unlimited,
  type Json,
  type ZendeskClient,
} from './client.ts';

const world = createWorld({ seed: 1, scale: 2_000, anchor: new Date(ANCHOR) });
let sandbox: TestSandbox;
let client: ZendeskClient;
beforeAll(async () => {
  sandbox = await startHelpDesk();
  await unlimited(sandbox);
  client = await connect(sandbox);
});
afterAll(() => sandbox.stop());

const ticketFields = async (): Promise<readonly Json[]> =>
  rows(await client.get('/api/v2/ticket_fields.json'), 'ticket_fields');
const valueOf = (record: Json, field: Json | undefined): unknown =>
  (record['custom_fields'] as readonly Json[]).find((one) => one['id'] === field?.['id'])?.['value'];
const titled = (fields: readonly Json[], title: string): Json | undefined =>
  fields.find((field) => field['title'] === title);

describe('ticket fields', () => {
  it('have the types, options, twins and dead fields of a grown account', async () => {
    const fields = await ticketFields();
    const custom = fields.filter((field) => field['removable'] === true);
    expect(fields.filter((field) => field['removable'] === false).map((field) => field['type'])).toContain('status');
    expect(new Set(custom.map((field) => field['type']))).toEqual(
      new Set(['tagger', 'regexp', 'decimal', 'checkbox', 'text', 'date', 'multiselect', 'integer']),
    );
    expect(custom.filter((field) => field['title'] === 'Kategorie')).toHaveLength(2);
    expect(custom.some((field) => field['active'] === false)).toBe(true);
    const options = titled(custom, 'Produktbereich')?.['custom_field_options'] as readonly Json[];
    expect(options.map((option) => option['value'])).toEqual(['abrechnung', 'import', 'api', 'berichte', 'mobil']);
    expect(new Set(fields.map((field) => field['id'])).size).toBe(fields.length);
    const paged = await listAll(client, 'ticket_fields', '/api/v2/ticket_fields.json?page[size]=4');
    expect(paged).toHaveLength(fields.length);
  });

  it('hold what the world says, numbers as text and ticks as booleans', async () => {
    const fields = await ticketFields();
    const { records } = await exportAll(client, 'tickets', '/api/v2/incremental/tickets/cursor.json?start_time=0');
    for (const record of records) {
      const ticket = world.ticket(Number(record['id']) - 1);
      expect(valueOf(record, titled(fields, 'Produktbereich'))).toBe(ticket.productArea);
      expect(valueOf(record, titled(fields, 'Vertragsnummer'))).toBe(ticket.contractNumber);
      expect(valueOf(record, titled(fields, 'Umsatzrisiko EUR'))).toBe(ticket.revenueAtRiskEur?.toFixed(2) ?? null);
      expect(valueOf(record, titled(fields, 'Eskaliert'))).toBe(ticket.escalated);
      expect(record['tags']).toContain(ticket.productArea);
      expect(record['subject']).toBe(ticket.subject);
    }
    const active = fields.filter((field) => field['removable'] === true && field['active'] === true);
    const [first] = records;
    if (first === undefined) throw new Error('no ticket');
    expect((first['custom_fields'] as readonly Json[]).map((one) => one['id'])).toEqual(active.map((one) => one['id']));
  });

  it('come, change and go with the admin', async () => {
    await sandbox.control('POST', 'schema', {
      object: 'tickets',
      add: { type: 'tagger', title: 'Region', options: [{ name: 'Süd', value: 'region_sued' }] },
    });
    const added = titled(await ticketFields(), 'Region');
    expect(added).toMatchObject({ type: 'tagger', active: true });
    const id = Number(added?.['id']);
    await sandbox.mutate({
      op: 'update',
      object: 'tickets',
      id: '9',
      fields: { custom_fields: [{ id, value: 'region_sued' }] },
    });
    const read = async (): Promise<unknown> =>
      valueOf((await client.get('/api/v2/tickets/9.json')).body['ticket'] as Json, added);
    expect(await read()).toBe('region_sued');
    await sandbox.control('POST', 'schema', { object: 'tickets', change: { id, title: 'Vertriebsregion' } });
    expect(titled(await ticketFields(), 'Vertriebsregion')).toMatchObject({ id });
    await sandbox.control('POST', 'schema', { object: 'tickets', change: { id, active: false } });
    expect(await read()).toBeUndefined();
    await sandbox.control('POST', 'schema', { object: 'tickets', remove: String(id) });
    expect(titled(await ticketFields(), 'Vertriebsregion')).toBeUndefined();
  });

  it('are named in what cannot be written', async () => {
    const change = (fields: Json): Promise<unknown> =>
      sandbox.mutate({ op: 'update', object: 'tickets', id: '9', fields });
    await expect(change({ custom_fields: [{ id: 1, value: 'x' }] })).rejects.toThrow(/no ticket field 1/);
    await expect(change({ colour: 'red' })).rejects.toThrow(/no writable field colour/);
    await expect(change({ updated_at: 'x' })).rejects.toThrow(/no writable field updated_at/);
    await expect(sandbox.mutate({ op: 'update', object: 'cases', id: '9' })).rejects.toThrow(
      /tickets, organizations or users/,
    );
  });
});

describe('fields of organizations and users', () => {
  it('are named by key, and values follow the world', async () => {
    const fields = rows(await client.get('/api/v2/organization_fields.json'), 'organization_fields');
    expect(fields.map((field) => field['key'])).toEqual(expect.arrayContaining(['kundennummer', 'segment']));
    const [first] = rows(await client.get('/api/v2/organizations.json?per_page=1'), 'organizations');
    const account = world.account(0);
    expect(first?.['organization_fields']).toMatchObject({
      kundennummer: account.customerNumber,
      segment: account.segment.toLowerCase(),
    });
    expect(first?.['organization_fields']).not.toHaveProperty('kundennummer_alt');
    const userFields = await listAll(client, 'user_fields', '/api/v2/user_fields.json?page[size]=2');
    expect(userFields.map((field) => field['type'])).toEqual(['text', 'dropdown', 'decimal']);
  });
});

describe('identity', () => {
  it('tells one account from another', async () => {
    const [brand] = rows(await client.get('/api/v2/brands.json'), 'brands');
    const account = (await client.get('/api/v2/account.json')).body['account'] as Json;
    expect(brand?.['subdomain']).toBe(account['subdomain']);
    expect((await client.get('/api/v2/account/settings.json')).status).toBe(200);
  });
});
