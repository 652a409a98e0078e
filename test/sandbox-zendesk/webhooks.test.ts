import { createHmac } from 'node:crypto';
import { createClient } from 'node-zendesk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attemptsOf, settled, startReceiver, type Receiver } from '../sandbox-kit/receiver.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { connect, startHelpDesk, unlimited, type Json } from './client.ts';

let sandbox: TestSandbox;
let receiver: Receiver;
let token: string;

beforeAll(async () => {
  [sandbox, receiver] = await Promise.all([startHelpDesk(), startReceiver()]);
  await unlimited(sandbox);
  token = (await connect(sandbox, { scope: 'read write' })).accessToken;
});
afterAll(() => Promise.all([sandbox.stop(), receiver.stop()]));
beforeEach(async () => {
  const { webhooks } = (await call('GET', 'webhooks')).body as { webhooks: { id: string }[] };
  for (const { id } of webhooks) await call('DELETE', `webhooks/${id}`);
  receiver.answer((response) => response.end());
  receiver.forget();
});

async function call(method: string, path: string, body?: unknown, as = token) {
  const response = await fetch(`${sandbox.url}/api/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
}

const draft = (subscriptions: readonly string[], more: Json = {}): Json => ({
  webhook: {
    name: 'told',
    status: 'active',
    endpoint: `${receiver.url}/hooks/1`,
    http_method: 'POST',
    request_format: 'json',
    subscriptions,
    ...more,
  },
});

async function subscribe(subscriptions: readonly string[], more: Json = {}): Promise<string> {
  const { status, body } = await call('POST', 'webhooks', draft(subscriptions, more));
  expect(status).toBe(201);
  return (body['webhook'] as { id: string }).id;
}

const type = (name: string): string => `zen:event-type:${name}`;
const bodies = (): Json[] => receiver.received.map(({ body }) => JSON.parse(body) as Json);

describe('the Webhooks API', () => {
  it('is driven by node-zendesk, from creation to deletion', async () => {
    const zendesk = createClient({ endpointUri: `${sandbox.url}/api/v2`, useOAuth: true, token });
    const { result } = await zendesk.webhooks.create(draft([type('ticket.created')]));
    const created = result as { id: string; created_by: string };
    expect(created.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(created).toMatchObject({ name: 'told', status: 'active', http_method: 'POST', request_format: 'json' });
    expect(created.created_by).toBe(sandbox.health.users[0]?.id);
    const { result: secret } = await zendesk.webhooks.getSigningSecret(created.id);
    expect(JSON.stringify(secret)).toMatch(/"algorithm":"SHA256","secret":"[^"]{20,}"/);
    await zendesk.webhooks.update(created.id, draft([type('ticket.created')], { name: 'renamed' }));
    const { result: shown } = await zendesk.webhooks.show(created.id);
    expect(shown).toMatchObject({ id: created.id, name: 'renamed' });
    await zendesk.webhooks.delete(created.id);
    expect((await call('GET', `webhooks/${created.id}`)).status).toBe(404);
  });

  it('lists by cursor, narrowed by status and name', async () => {
    for (const name of ['one', 'two', 'three']) await subscribe([], { name });
    await subscribe([], { name: 'two again', status: 'inactive' });
    const first = (await call('GET', 'webhooks?page[size]=3')).body;
    expect(first).toMatchObject({ meta: { has_more: true }, webhooks: [{ name: 'one' }, {}, { name: 'three' }] });
    const next = await fetch((first['links'] as { next: string }).next, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await next.json()).toMatchObject({ meta: { has_more: false }, webhooks: [{ name: 'two again' }] });
    const narrowed = (await call('GET', 'webhooks?filter[name_contains]=TWO&filter[status]=active')).body;
    expect((narrowed['webhooks'] as Json[]).map(({ name }) => name)).toEqual(['two']);
  });

  it('patches what is given and replaces the whole by PUT', async () => {
    const id = await subscribe([type('ticket.created')]);
    expect((await call('PATCH', `webhooks/${id}`, { webhook: { status: 'inactive' } })).status).toBe(204);
    expect((await call('GET', `webhooks/${id}`)).body).toMatchObject({
      webhook: { status: 'inactive', name: 'told', subscriptions: [type('ticket.created')] },
    });
    expect((await call('PUT', `webhooks/${id}`, { webhook: { status: 'active' } })).status).toBe(400);
  });

  it.each([
    ['an event type that does not exist', { subscriptions: [type('ticket.updated')] }],
    ['events by another method', { subscriptions: [type('ticket.created')], http_method: 'PUT' }],
    ['events in another format', { subscriptions: [type('ticket.created')], request_format: 'xml' }],
    ['triggers and events together', { subscriptions: ['conditional_ticket_events', type('ticket.created')] }],
    ['no endpoint', { endpoint: undefined }],
    ['no name', { name: '' }],
    ['an unknown status', { status: 'on' }],
  ])('refuses %s', async (_what, more) => {
    expect((await call('POST', 'webhooks', draft([], more))).status).toBe(400);
  });

  it('never changes the way in which a webhook is connected', async () => {
    const id = await subscribe(['conditional_ticket_events']);
    const subscriptions = [type('ticket.created')];
    expect((await call('PATCH', `webhooks/${id}`, { webhook: { subscriptions } })).status).toBe(400);
  });

  it('is for admins with the scope alone', async () => {
    const agent = sandbox.health.users.find(({ role, active }) => role === 'user' && active);
    if (agent === undefined) throw new Error('no agent');
    const agentToken = (await connect(sandbox, { user: agent, scope: 'read write' })).accessToken;
    expect((await call('GET', 'webhooks', undefined, agentToken)).status).toBe(403);
    const reader = (await connect(sandbox, { scope: 'read' })).accessToken;
    expect((await call('GET', 'webhooks', undefined, reader)).status).toBe(200);
    expect((await call('POST', 'webhooks', draft([]), reader)).status).toBe(403);
    const narrow = (await connect(sandbox, { scope: 'webhooks:write' })).accessToken;
    expect((await call('POST', 'webhooks', draft([]), narrow)).status).toBe(201);
  });
});

describe('an event', () => {
  it('is signed with the secret as text, over the timestamp and the bytes of the body', async () => {
    const id = await subscribe([type('ticket.subject_changed')], { custom_headers: { 'X-Team': 'blue' } });
    const { secret } = (await call('GET', `webhooks/${id}/signing_secret`)).body['signing_secret'] as {
      secret: string;
    };
    await sandbox.mutate({ op: 'update', object: 'tickets', id: '3', fields: { subject: 'Grüße, ほんやく' } });
    const [message] = await receiver.came(1);
    if (message === undefined) throw new Error('nothing came');
    const { headers, body, path } = message;
    const timestamp = String(headers['x-zendesk-webhook-signature-timestamp']);
    expect(path).toBe('/hooks/1');
    expect(timestamp).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
    expect(headers['x-zendesk-webhook-signature']).toBe(
      createHmac('sha256', secret).update(timestamp).update(Buffer.from(body)).digest('base64'),
    );
    expect(headers).toMatchObject({ 'x-zendesk-webhook-id': id, 'x-team': 'blue', 'user-agent': 'Zendesk Webhook' });
    expect(headers['x-zendesk-webhook-invocation-id']).toMatch(/^\w{10,}$/);
    expect(headers['x-zendesk-account-id']).toMatch(/^\d+$/);

    await call('POST', `webhooks/${id}/signing_secret`);
    await sandbox.mutate({ op: 'update', object: 'tickets', id: '3', fields: { subject: 'again' } });
    const second = (await receiver.came(2))[1];
    const old = createHmac('sha256', secret)
      .update(String(second?.headers['x-zendesk-webhook-signature-timestamp']))
      .update(second?.body ?? '');
    expect(second?.headers['x-zendesk-webhook-signature']).not.toBe(old.digest('base64'));
  });

  it('carries the credentials that the webhook was given, and does not show them', async () => {
    const id = await subscribe([type('user.created')], {
      authentication: { type: 'bearer_token', data: { token: 'secret-1' }, add_position: 'header' },
    });
    await sandbox.mutate({ op: 'create', object: 'users', fields: { name: 'Nina' } });
    expect((await receiver.came(1))[0]?.headers.authorization).toBe('Bearer secret-1');
    expect(JSON.stringify((await call('GET', `webhooks/${id}`)).body)).not.toContain('secret-1');
  });

  it('of a ticket has the documented envelope, ids as text and codes in capitals', async () => {
    await subscribe([type('ticket.status_changed'), type('ticket.priority_changed')]);
    const before = (await call('GET', 'tickets/5.json')).body['ticket'] as Json;
    const status = before['status'] === 'pending' ? 'hold' : 'pending';
    const priority = before['priority'] === 'urgent' ? 'low' : 'urgent';
    await sandbox.mutate({ op: 'update', object: 'tickets', id: '5', fields: { status, priority } });
    await receiver.came(2);
    const told = bodies().toSorted((a, b) => String(a['type']).localeCompare(String(b['type'])));
    expect(told.map((body) => body['type'])).toEqual([type('ticket.priority_changed'), type('ticket.status_changed')]);
    const [, event] = told;
    expect(Object.keys(event ?? {}).toSorted()).toEqual(
      ['account_id', 'detail', 'event', 'id', 'subject', 'time', 'type', 'zendesk_event_version'].toSorted(),
    );
    expect(event).toMatchObject({
      subject: 'zen:ticket:5',
      zendesk_event_version: '2022-11-06',
      detail: {
        id: '5',
        status: status.toUpperCase(),
        priority: priority.toUpperCase(),
        requester_id: String(before['requester_id']),
        organization_id: String(before['organization_id']),
      },
      event: { current: status.toUpperCase(), previous: String(before['status']).toUpperCase() },
    });
    expect(event?.['time']).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{9}Z$/);
    const sequences = told.map((body) => (body['event'] as { meta: { sequence: Json } }).meta.sequence['id']);
    expect(sequences[0]).toMatch(/^[0-9A-F]{32}$/);
    expect(sequences[1]).toBe(sequences[0]);
    expect(told[0]?.['id']).not.toBe(told[1]?.['id']);
  });

  it('tells creation, deletion and return', async () => {
    await subscribe(['created', 'soft_deleted', 'undeleted'].map((name) => type(`ticket.${name}`)));
    const { id } = await sandbox.mutate({ op: 'create', object: 'tickets', fields: { subject: 'new' } });
    await receiver.came(1);
    await sandbox.mutate({ op: 'delete', object: 'tickets', id });
    await receiver.came(2);
    await sandbox.mutate({ op: 'undelete', object: 'tickets', id });
    await receiver.came(3);
    expect(bodies().map((body) => [body['type'], body['subject']])).toEqual(
      ['created', 'soft_deleted', 'undeleted'].map((name) => [type(`ticket.${name}`), `zen:ticket:${id}`]),
    );
    expect(bodies()[1]).toMatchObject({ detail: { status: 'DELETED' } });
  });

  it('tells custom fields and tags by what changed', async () => {
    await subscribe([type('ticket.custom_field_changed'), type('ticket.tags_changed')]);
    const ticket = (await call('GET', 'tickets/8.json')).body['ticket'] as { tags: string[] };
    const fields = (await call('GET', 'ticket_fields.json')).body['ticket_fields'] as Json[];
    const field = fields.find((one) => one['removable'] === true && one['type'] === 'text');
    await sandbox.mutate({
      op: 'update',
      object: 'tickets',
      id: '8',
      fields: { custom_fields: [{ id: field?.['id'], value: 'V-1' }], tags: [...ticket.tags, 'fresh'] },
    });
    await receiver.came(2);
    const [custom, tags] = bodies().toSorted((a, b) => String(a['type']).localeCompare(String(b['type'])));
    expect(custom?.['event']).toMatchObject({
      current: { value: 'V-1' },
      custom_field: { id: String(field?.['id']), title: field?.['title'], type: 'text' },
    });
    expect(tags?.['event']).toMatchObject({ tags_added: ['fresh'], tags_removed: [] });
  });

  it('of users and organizations has the older version, and a deleted user is inactive', async () => {
    await subscribe([type('user.active_changed'), type('organization.name_changed')]);
    const { id } = await sandbox.mutate({ op: 'create', object: 'users', fields: { name: 'Otto' } });
    await sandbox.mutate({ op: 'delete', object: 'users', id });
    const [gone] = await receiver.came(1);
    expect(JSON.parse(gone?.body ?? '')).toMatchObject({
      type: type('user.active_changed'),
      subject: `zen:user:${id}`,
      zendesk_event_version: '2022-06-20',
      detail: { id, external_id: '', organization_id: '0', role: 'end-user' },
      event: { current: false, previous: true },
    });
    const { organizations } = (await call('GET', 'organizations.json?per_page=1')).body as { organizations: Json[] };
    const organization = String(organizations[0]?.['id']);
    await sandbox.mutate({ op: 'update', object: 'organizations', id: organization, fields: { name: 'Anders' } });
    expect(JSON.parse((await receiver.came(2))[1]?.body ?? '')).toMatchObject({
      subject: `zen:organization:${organization}`,
      detail: { name: 'Anders' },
      event: { current: 'Anders', previous: organizations[0]?.['name'] },
    });
  });

  it('is told to whoever subscribed, by nobody about what has no event, and not while inactive', async () => {
    const id = await subscribe([type('ticket.created'), type('organization.name_changed')]);
    const quiet = await subscribe([type('ticket.subject_changed')], { status: 'inactive' });
    const { organizations } = (await call('GET', 'organizations.json?per_page=1')).body as { organizations: Json[] };
    const organization = String(organizations[0]?.['id']);
    await sandbox.mutate({
      op: 'update',
      object: 'organizations',
      id: organization,
      fields: { notes: 'told to nobody' },
    });
    await sandbox.mutate({ op: 'update', object: 'tickets', id: '9', fields: { subject: 'quiet' } });
    await sandbox.mutate({ op: 'create', object: 'tickets', fields: { subject: 'loud' } });
    await receiver.came(1);
    await settled(sandbox);
    expect(receiver.received).toHaveLength(1);
    expect((await attemptsOf(sandbox)).filter(({ delivery }) => [id, quiet].includes(delivery.source))).toHaveLength(1);
  });
});

describe('a receiver that fails (H1)', () => {
  /** How often it is called when it always answers this way. */
  async function callsOf(status: number, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    await sandbox.control('POST', 'webhooks/settings', { speed: 10_000 });
    receiver.answer((response) => response.writeHead(status, headers).end());
    await subscribe([type('ticket.created')]);
    await sandbox.mutate({ op: 'create', object: 'tickets', fields: { subject: 'x' } });
    await settled(sandbox);
    await sandbox.control('POST', 'webhooks/settings', { speed: 1 });
    return receiver.received.length;
  }

  it.each([
    [500, {}, 1],
    [503, {}, 1],
    [503, { 'retry-after': '59' }, 4],
    [429, { 'retry-after': '5' }, 4],
    [429, { 'retry-after': '60' }, 1],
    [409, {}, 4],
    [404, {}, 1],
  ])('with %i %j is called %i times', async (status, headers, calls) => {
    expect(await callsOf(status, headers)).toBe(calls);
  });

  it('by not answering is called six times, with the same invocation', async () => {
    await sandbox.control('POST', 'webhooks/settings', { speed: 10_000, timeoutMs: 50 });
    receiver.answer(() => undefined);
    const id = await subscribe([type('ticket.created')]);
    await sandbox.mutate({ op: 'create', object: 'tickets', fields: { subject: 'x' } });
    await settled(sandbox);
    await sandbox.control('POST', 'webhooks/settings', { speed: 1, timeoutMs: null });
    const attempts = (await attemptsOf(sandbox)).filter(({ delivery }) => delivery.source === id);
    expect(attempts.map(({ delivery }) => delivery.attempt)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(attempts.map(({ delivery }) => delivery.delivery)).size).toBe(1);
    await receiver.came(1);
    expect(receiver.received.length).toBeLessThanOrEqual(6);
    const invocations = receiver.received.map(({ headers }) => headers['x-zendesk-webhook-invocation-id']);
    expect(new Set(invocations).size).toBe(1);
  });

  it('is spared while the circuit is open', async () => {
    receiver.answer((response) => response.writeHead(500).end());
    const id = await subscribe([type('ticket.created')]);
    await sandbox.control('POST', 'burst', { object: 'tickets', op: 'create', count: 300, perSecond: 100_000 });
    // The pause is the sandbox's time: it ends when the clock is moved, and one more failure begins the next.
    await receiver.came(100);
    const open = async () => (await sandbox.control<{ open: number }>('GET', 'webhooks')).open;
    expect(await open()).toBeGreaterThan(100);
    receiver.answer((response) => response.end());
    await sandbox.control('POST', 'clock', { advanceMs: 10_000 });
    await sandbox.control('POST', 'webhooks/settings', { speed: 1_000 });
    await settled(sandbox);
    await sandbox.control('POST', 'webhooks/settings', { speed: 1 });
    const states = (await attemptsOf(sandbox)).filter(({ delivery }) => delivery.source === id);
    expect(states).toHaveLength(300);
    expect(states.filter(({ status }) => status === 200).length).toBeGreaterThan(100);
  });
});
