import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, salesforceId } from '../../sandbox/world/index.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import {
  ANCHOR,
  ANCHOR_S,
  connect,
  exportAll,
  idsOf,
  rows,
  startHelpDesk,
  unlimited,
  type Json,
  type ZendeskClient,
} from './client.ts';

const TICKETS = '/api/v2/incremental/tickets/cursor.json';
const USERS = '/api/v2/incremental/users/cursor.json';
const ORGANIZATIONS = '/api/v2/incremental/organizations.json';

let sandbox: TestSandbox;
let client: ZendeskClient;
beforeAll(async () => {
  sandbox = await startHelpDesk({ scale: 20_000 });
  await unlimited(sandbox);
  client = await connect(sandbox);
});
afterAll(() => sandbox.stop());

const stamp = (record: Json): number => Number(record['generated_timestamp']);

describe('cursor-based exports', () => {
  it('bring every ticket and every user exactly once', async () => {
    const tickets = await exportAll(client, 'tickets', `${TICKETS}?start_time=0&per_page=700`);
    expect(new Set(idsOf(tickets.records)).size).toBe(tickets.records.length);
    expect(tickets.records.length).toBe(sandbox.health.counts['tickets']);
    expect(idsOf(tickets.records).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: tickets.records.length }, (_empty, index) => index + 1),
    );
    const users = await exportAll(client, 'users', `${USERS}?start_time=0`);
    expect(users.pages).toBe(2);
    expect(new Set(idsOf(users.records)).size).toBe(sandbox.health.counts['users']);
  });

  it('lose and repeat nothing where a page ends among equal times', async () => {
    const whole = await exportAll(client, 'tickets', `${TICKETS}?start_time=0`);
    const stamps = whole.records.map(stamp);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    const size = 100;
    const edges = Array.from({ length: Math.floor((stamps.length - 1) / size) }, (_empty, at) => (at + 1) * size);
    expect(edges.filter((edge) => stamps[edge] === stamps[edge - 1]).length).toBeGreaterThan(10);
    const small = await exportAll(client, 'tickets', `${TICKETS}?start_time=0&per_page=${size}`);
    expect(idsOf(small.records)).toEqual(idsOf(whole.records));
  });

  it('start at the given time, which is the system’s and not people’s', async () => {
    const start = ANCHOR_S - 30 * 86_400;
    const { records } = await exportAll(client, 'tickets', `${TICKETS}?start_time=${start}`);
    const world = createWorld({ seed: 1, scale: 20_000, anchor: new Date(ANCHOR) });
    const first = world.firstModifiedFrom('tickets', start * 1000);
    expect(records.length).toBe(world.counts.tickets - first);
    expect(records.every((record) => stamp(record) >= start)).toBe(true);
    expect(records.some((record) => Date.parse(String(record['updated_at'])) < start * 1000)).toBe(true);
  });

  it('refuse cursors that they never gave, and starts that are too recent', async () => {
    const broken = await client.get(`${TICKETS}?cursor=abc`);
    expect([broken.status, broken.body['error']]).toEqual([400, 'InvalidCursor']);
    const recent = await client.get(`${TICKETS}?start_time=${ANCHOR_S + 3_600}`);
    expect([recent.status, recent.body['error']]).toEqual([400, 'StartTimeTooRecent']);
    expect((await client.get(TICKETS)).status).toBe(400);
  });

  it('are for admins only', async () => {
    const agent = sandbox.health.users[2];
    if (agent === undefined) throw new Error('no agent');
    const other = await connect(sandbox, { user: agent });
    expect((await other.get(`${TICKETS}?start_time=0`)).status).toBe(403);
    expect((await other.get('/api/v2/tickets.json?per_page=1')).status).toBe(200);
  });
});

describe('what changes', () => {
  it('appears once more after the last minute is over, under a cursor that stays good', async () => {
    const { cursor } = await exportAll(client, 'tickets', `${TICKETS}?start_time=${ANCHOR_S - 86_400}`);
    const next = `${TICKETS}?cursor=${String(cursor)}`;
    const nothing = await client.get(next);
    expect(nothing.body).toMatchObject({ tickets: [], after_cursor: null, after_url: null, end_of_stream: true });

    const created = await sandbox.mutate({
      op: 'create',
      object: 'tickets',
      fields: { subject: 'Neu: "Größe" 🎉', status: 'open', tags: ['neu'] },
    });
    await sandbox.mutate({ op: 'update', object: 'tickets', id: '17', fields: { priority: 'urgent' } });
    await sandbox.mutate({ op: 'delete', object: 'tickets', id: '18' });
    expect((await client.get(next)).body).toMatchObject({ tickets: [], end_of_stream: true });

    await sandbox.control('POST', 'clock', { advanceMs: 61_000 });
    const changed = rows(await client.get(next), 'tickets');
    const byId = new Map(changed.map((record) => [Number(record['id']), record]));
    expect([...byId.keys()].toSorted((a, b) => a - b)).toEqual([17, 18, Number(created.id)]);
    expect(byId.get(17)).toMatchObject({ priority: 'urgent' });
    expect(byId.get(18)).toMatchObject({ status: 'deleted' });
    expect(byId.get(Number(created.id))).toMatchObject({ subject: 'Neu: "Größe" 🎉', raw_subject: 'Neu: "Größe" 🎉' });

    const all = await exportAll(client, 'tickets', `${TICKETS}?start_time=0`);
    expect(idsOf(all.records).filter((id) => id === 17)).toHaveLength(1);
  });

  it('by the system moves the export’s stamp and leaves updated_at', async () => {
    const before = (await client.get('/api/v2/tickets/40.json')).body['ticket'] as Json;
    await sandbox.mutate({ op: 'update', object: 'tickets', id: '40', fields: { status: 'closed', by: 'system' } });
    const after = (await client.get('/api/v2/tickets/40.json')).body['ticket'] as Json;
    expect(after['status']).toBe('closed');
    expect(after['updated_at']).toBe(before['updated_at']);
    expect(stamp(after)).toBeGreaterThan(stamp(before));
  });

  it('can be seen at once if the sandbox is told so', async () => {
    await sandbox.control('POST', 'limits', { incrementalExclusionS: 0 });
    const start = Math.floor(Date.parse((await sandbox.control<{ now: string }>('GET', 'health')).now) / 1000);
    await sandbox.mutate({ op: 'update', object: 'tickets', id: '21', fields: { subject: 'jetzt' } });
    const answer = await client.get(`${TICKETS}?start_time=${start}`);
    expect(idsOf(rows(answer, 'tickets'))).toContain(21);
    await sandbox.control('POST', 'limits', { incrementalExclusionS: 60 });
  });

  it('marks deleted users as inactive', async () => {
    const id = String(idsOf(rows(await client.get('/api/v2/users.json?per_page=100'), 'users')).at(-1));
    const start = Math.floor(Date.parse((await sandbox.control<{ now: string }>('GET', 'health')).now) / 1000);
    await sandbox.mutate({ op: 'delete', object: 'users', id });
    await sandbox.control('POST', 'clock', { advanceMs: 61_000 });
    const { records } = await exportAll(client, 'users', `${USERS}?start_time=${start}`);
    expect(records).toEqual([expect.objectContaining({ id: Number(id), active: false })]);
    expect((await client.get(`/api/v2/users/${id}.json`)).body['user']).toMatchObject({ active: false });
  });
});

/** Follows `next_page` of a time-based export to the end of the stream. */
async function followed(first: string): Promise<{ ids: readonly number[]; repeated: number }> {
  const ids: number[] = [];
  for (let url = first; ;) {
    const answer = await client.get(url);
    ids.push(...idsOf(rows(answer, 'organizations')));
    expect(answer.body['count']).toBe(rows(answer, 'organizations').length);
    if (answer.body['end_of_stream'] === true) break;
    url = String(answer.body['next_page']);
  }
  return { ids, repeated: ids.length - new Set(ids).size };
}

describe('time-based exports', () => {
  it('bring every organization, some of them twice', async () => {
    const { ids, repeated } = await followed(`${ORGANIZATIONS}?start_time=0&per_page=60`);
    expect(new Set(ids).size).toBe(sandbox.health.counts['organizations']);
    expect(repeated).toBeGreaterThan(0);
  });

  it('carry the id of the CRM account', async () => {
    const [first] = rows(await client.get(`${ORGANIZATIONS}?start_time=0`), 'organizations');
    expect(first).toMatchObject({ external_id: salesforceId('001', 0) });
    expect(first?.['organization_fields']).toMatchObject({ kundennummer: 'K-000001' });
  });

  it('cannot pass more records of one second than a page holds', async () => {
    const world = createWorld({ seed: 1, scale: 20_000, anchor: new Date(ANCHOR) });
    const second = world.modifiedMs('accounts', Math.floor(world.counts.accounts * 0.3)) / 1000;
    const small = await client.get(`${ORGANIZATIONS}?start_time=${second}&per_page=20`);
    expect(small.body).toMatchObject({ count: 20, end_time: second, end_of_stream: false });
    expect(new URL(String(small.body['next_page'])).searchParams.get('start_time')).toBe(String(second));
    const large = await client.get(`${ORGANIZATIONS}?start_time=${second}&per_page=1000`);
    expect(Number(large.body['end_time'])).toBeGreaterThan(second);
  });

  it('do not announce deleted organizations', async () => {
    const id = idsOf(rows(await client.get('/api/v2/organizations.json?page[size]=1'), 'organizations'))[0];
    await sandbox.mutate({ op: 'delete', object: 'organizations', id: String(id) });
    await sandbox.control('POST', 'clock', { advanceMs: 61_000 });
    const { ids } = await followed(`${ORGANIZATIONS}?start_time=0&per_page=1000`);
    expect(ids).not.toContain(id);
    expect((await client.get(`/api/v2/organizations/${String(id)}.json`)).status).toBe(404);
  });
});
