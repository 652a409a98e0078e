import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, salesforceId } from '../../sandbox/world/index.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import {
  ANCHOR,
  connect,
  idsOf,
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

const organizationId = async (index: number): Promise<number> => {
  const all = await listAll(client, 'organizations', '/api/v2/organizations.json?page[size]=100');
  return Number(all[index]?.['id']);
};
const busiest = Array.from({ length: world.counts.accounts }, (_empty, index) => index).toSorted(
  (a, b) => world.childrenOf('tickets', b).length - world.childrenOf('tickets', a).length,
)[0] as number;

describe('lists', () => {
  it('page by cursor through all records, there and back', async () => {
    for (const object of ['tickets', 'organizations', 'users']) {
      const found = idsOf(await listAll(client, object, `/api/v2/${object}.json?page[size]=77`));
      expect(new Set(found).size).toBe(sandbox.health.counts[object]);
      expect(found).toEqual(found.toSorted((a, b) => a - b));
    }
    const first = await client.get('/api/v2/tickets.json?page[size]=5');
    const second = await client.get((first.body['links'] as { next: string }).next);
    const back = await client.get((second.body['links'] as { prev: string }).prev);
    expect(idsOf(rows(back, 'tickets'))).toEqual(idsOf(rows(first, 'tickets')));
  });

  it('page by number, and no deeper than 10,000 records', async () => {
    const last = await client.get('/api/v2/tickets.json?per_page=100&page=9');
    expect(last.body).toMatchObject({ count: world.counts.tickets, next_page: null });
    expect(idsOf(rows(last, 'tickets'))[0]).toBe(801);
    const deep = await client.get('/api/v2/tickets.json?per_page=100&page=101');
    expect(deep.status).toBe(400);
    expect(deep.body).toMatchObject({ errors: [{ code: 'InvalidPaginationDepth' }] });
    expect((await client.get('/api/v2/tickets.json?page[size]=101')).status).toBe(400);
    expect((await client.get('/api/v2/tickets.json?page[size]=5&sort=created_at')).status).toBe(400);
  });

  it('and counts leave out what is deleted, until it comes back', async () => {
    const total = async (): Promise<unknown> =>
      ((await client.get('/api/v2/tickets/count.json')).body['count'] as Json)['value'];
    const before = await total();
    await sandbox.mutate({ op: 'delete', object: 'tickets', id: '3' });
    expect(await total()).toBe(Number(before) - 1);
    expect(idsOf(rows(await client.get('/api/v2/tickets.json?per_page=3'), 'tickets'))).toEqual([1, 2, 4]);
    expect(idsOf(rows(await client.get('/api/v2/tickets.json?per_page=3&page=2'), 'tickets'))).toEqual([5, 6, 7]);
    expect((await client.get('/api/v2/tickets/3.json')).body).toEqual({
      error: 'RecordNotFound',
      description: 'Not found',
    });
    await sandbox.mutate({ op: 'undelete', object: 'tickets', id: '3' });
    expect(await total()).toBe(before);
    expect((await client.get('/api/v2/tickets/3')).status).toBe(200);
  });

  it('narrow users by role', async () => {
    const admins = await client.get('/api/v2/users.json?role=admin');
    expect(rows(admins, 'users').map((user) => user['role'])).toEqual(['admin']);
    const agents = await client.get('/api/v2/users/count.json?role[]=agent&role[]=admin');
    expect(agents.body['count']).toMatchObject({ value: world.counts.users });
  });
});

describe('tickets of an organization', () => {
  it('are those of the world, and follow changes', async () => {
    const id = await organizationId(busiest);
    const expected = world.childrenOf('tickets', busiest).map((index) => index + 1);
    const found = await listAll(client, 'tickets', `/api/v2/organizations/${id}/tickets.json?page[size]=10`);
    expect(idsOf(found)).toEqual(expected);
    const count = async (): Promise<unknown> =>
      ((await client.get(`/api/v2/organizations/${id}/tickets/count.json`)).body['count'] as Json)['value'];
    expect(await count()).toBe(expected.length);

    const [moved, deleted] = expected;
    const other = await organizationId(busiest === 0 ? 1 : 0);
    await sandbox.mutate({ op: 'update', object: 'tickets', id: String(moved), fields: { organization_id: other } });
    await sandbox.mutate({ op: 'delete', object: 'tickets', id: String(deleted) });
    const created = await sandbox.mutate({ op: 'create', object: 'tickets', fields: { organization_id: id } });
    expect(await count()).toBe(expected.length - 1);
    const now = idsOf(rows(await client.get(`/api/v2/organizations/${other}/tickets.json`), 'tickets'));
    expect(now).toContain(moved);
    await sandbox.mutate({ op: 'update', object: 'tickets', id: String(moved), fields: { organization_id: id } });
    await sandbox.mutate({ op: 'undelete', object: 'tickets', id: String(deleted) });
    await sandbox.mutate({ op: 'delete', object: 'tickets', id: created.id });
    expect(await count()).toBe(expected.length);
  });

  it('are found by search, with conditions, and counted', async () => {
    const id = await organizationId(busiest);
    const query = async (text: string, rest = ''): Promise<Json> =>
      (await client.get(`/api/v2/search.json?query=${encodeURIComponent(text)}${rest}`)).body;
    const all = await query(`type:ticket organization:${id}`);
    expect(all['count']).toBe(world.childrenOf('tickets', busiest).length);
    const closed = await query(`type:ticket organization:${id} status:closed`);
    const open = await query(`type:ticket organization:${id} status<closed`);
    expect(Number(closed['count']) + Number(open['count'])).toBe(all['count']);
    expect(closed['count']).toBeGreaterThan(0);
    const page = await query(`type:ticket organization_id:${id}`, '&per_page=5&sort_by=created_at&sort_order=asc');
    const dates = (page['results'] as readonly Json[]).map((one) => String(one['created_at']));
    expect(dates).toEqual(dates.toSorted());
    expect(page['next_page']).toContain('page=2');
    const count = await client.get(`/api/v2/search/count.json?query=type:ticket%20organization:${id}`);
    expect(count.body).toEqual({ count: all['count'] });
  });
});

async function matching(text: string): Promise<number> {
  return Number((await client.get(`/api/v2/search/count.json?query=${encodeURIComponent(text)}`)).body['count']);
}

describe('search', () => {
  it('finds by property, tag, date, phrase and absence', async () => {
    const tickets = Array.from({ length: world.counts.tickets }, (_empty, index) => world.ticket(index));
    expect(await matching('type:ticket priority>=high')).toBe(
      tickets.filter(({ priority }) => priority === 'high' || priority === 'urgent').length,
    );
    expect(await matching('type:ticket tags:vip')).toBe(tickets.filter(({ tags }) => tags.includes('vip')).length);
    expect(await matching('type:ticket -tags:vip')).toBe(tickets.filter(({ tags }) => !tags.includes('vip')).length);
    expect(await matching('type:ticket created<2025-01-01')).toBe(
      tickets.filter(({ createdAt }) => createdAt.getTime() < Date.parse('2025-01-01')).length,
    );
    expect(await matching('type:ticket assignee:none')).toBe(
      tickets.filter(({ assignee }) => assignee === null).length,
    );
    const name = world.account(5).name;
    expect(await matching(`type:organization "${name.replaceAll('"', '')}"`)).toBe(name.includes('"') ? 0 : 1);
    expect(await matching('type:user role:admin')).toBe(1);
  });

  it('finds organizations by the id of the CRM account or by name, and follows changes', async () => {
    const found = async (query: string): Promise<readonly number[]> =>
      idsOf(rows(await client.get(`/api/v2/organizations/search.json?${query}`), 'organizations'));
    const id = await organizationId(41);
    expect(await found(`external_id=${salesforceId('001', 41)}`)).toEqual([id]);
    expect(await found(`name=${encodeURIComponent(world.account(41).name.toUpperCase())}`)).toEqual([id]);
    expect(await found('external_id=unknown')).toEqual([]);
    await sandbox.mutate({ op: 'update', object: 'organizations', id: String(id), fields: { external_id: 'neu' } });
    expect(await found(`external_id=${salesforceId('001', 41)}`)).toEqual([]);
    expect(await found('external_id=NEU')).toEqual([id]);
  });

  it.each(['', 'query=acme', 'external_id=', 'name=', 'external_id=1&name=acme'])(
    'refuses to search organizations by "%s"',
    async (query) => {
      const answer = await client.get(`/api/v2/organizations/search.json?${query}`);
      expect([answer.status, answer.body['error']]).toEqual([400, 'InvalidValue']);
    },
  );

  it('refuses what it does not know, and gives no more than 1,000 results', async () => {
    const unknown = await client.get('/api/v2/search.json?query=type:ticket%20nonsense:1');
    expect([unknown.status, unknown.body['error']]).toEqual([422, 'invalid']);
    const deep = await client.get('/api/v2/search.json?query=type:ticket&per_page=100&page=11');
    expect(deep.status).toBe(422);
    expect(deep.body['description']).toContain('Search Response Limits');
  });
});

describe('unknown paths', () => {
  it('say so in another way than unknown records', async () => {
    expect((await client.get('/api/v2/nothing.json')).body).toEqual({
      error: 'InvalidEndpoint',
      description: 'Not found',
    });
    expect((await client.get('/api/v2/tickets/999999.json')).body).toEqual({
      error: 'RecordNotFound',
      description: 'Not found',
    });
  });
});
