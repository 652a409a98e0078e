import type PubSubApiClient from 'salesforce-pubsub-api-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadJsforce } from './jsforce-client.ts';
import { startOrg, type OrgClient } from './org-client.ts';
import { tlsFront } from './tls-front.ts';

/*
 * Driven by salesforce-pubsub-api-client: a client that its users point at
 * real orgs, with the vendor's own proto, its own Avro and its own reading of
 * bitmaps.
 */
interface ChangeHeader {
  readonly entityName: string;
  readonly recordIds: readonly string[];
  readonly changeType: string;
  readonly commitTimestamp: number;
  readonly commitUser: string;
  readonly changedFields: readonly string[];
  readonly nulledFields: readonly string[];
}

interface Received {
  readonly id: string;
  readonly schemaId: string;
  readonly replayId: number;
  readonly payload: { readonly ChangeEventHeader: ChangeHeader } & Readonly<Record<string, unknown>>;
}

const TOPIC = '/data/AccountChangeEvent';
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let Client: typeof PubSubApiClient;
let org: OrgClient;
let front: Awaited<ReturnType<typeof tlsFront>>;
const clients: PubSubApiClient[] = [];
const listeners: Listener[] = [];

beforeAll(async () => {
  // It brings jsforce along.
  await loadJsforce();
  Client = (await import('salesforce-pubsub-api-client')).default;
  org = await startOrg();
  front = await tlsFront(org.sandbox.health.details['pubsub'] ?? '');
});
afterAll(async () => {
  await front.stop();
  await org.stop();
  // Closing takes its listeners away, also those for errors: every line has to have ended before.
  await Promise.all(listeners.map(({ failed }) => failed));
  for (const client of clients) client.close();
});
afterEach(async () => {
  await bus({ keepaliveMs: 270_000, select: null });
});

const bus = (change: object): Promise<unknown> => org.sandbox.control('POST', 'pubsub', change);
const create = async (name: string, more: object = {}): Promise<string> =>
  (await org.sandbox.mutate({ op: 'create', object: 'Account', fields: { Name: name, ...more } })).id;

async function connected(token = org.tokens.access_token): Promise<PubSubApiClient> {
  const client = new Client(
    {
      authType: 'user-supplied',
      pubSubEndpoint: front.address,
      accessToken: token,
      instanceUrl: org.sandbox.url.replace('http:', 'https:'),
      organizationId: token.split('!')[0] ?? '',
      rejectUnauthorizedSsl: false,
    },
    silent,
  );
  await client.connect();
  clients.push(client);
  return client;
}

interface Listener {
  readonly events: Received[];
  readonly words: string[];
  /** What ended the subscription. */
  readonly failed: Promise<{ readonly code: number; readonly trailer: string }>;
  has(events: number): Promise<void>;
}

function listener(): Listener & { readonly callback: (info: unknown, kind: string, data?: unknown) => void } {
  const events: Received[] = [];
  const words: string[] = [];
  let fail: (end: { code: number; trailer: string }) => void = () => undefined;
  const failed = new Promise<{ code: number; trailer: string }>((resolve) => {
    fail = resolve;
  });
  const heard: ReturnType<typeof listener> = {
    events,
    words,
    failed,
    has: async (count) => {
      await expect.poll(() => events.length, { timeout: 120_000, interval: 10 }).toBeGreaterThanOrEqual(count);
      // The client asks for the schema of each event by itself, and hands events over as the answers come.
      events.sort((a, b) => a.replayId - b.replayId);
    },
    callback: (_info, kind, data) => {
      words.push(kind);
      if (kind === 'event') events.push(data as Received);
      if (kind !== 'error') return;
      const error = data as { readonly code?: number; readonly metadata?: { get(name: string): readonly unknown[] } };
      fail({ code: error.code ?? -1, trailer: String(error.metadata?.get('error-code')[0]) });
    },
  };
  listeners.push(heard);
  return heard;
}

/** Subscribed and heard of: what comes now is delivered. */
async function subscribed(client: PubSubApiClient, topic = TOPIC): Promise<ReturnType<typeof listener>> {
  const heard = listener();
  await bus({ keepaliveMs: 20 });
  client.subscribe(topic, heard.callback);
  await expect.poll(() => heard.words, { timeout: 120_000, interval: 5 }).toContain('grpcKeepAlive');
  await bus({ keepaliveMs: 270_000 });
  return heard;
}

const headersOf = (events: readonly Received[]): ChangeHeader[] =>
  events.map(({ payload }) => payload.ChangeEventHeader);

describe('change events of the Salesforce sandbox', () => {
  it('tell of a new record with all its fields, and of a changed one with those that changed', async () => {
    const heard = await subscribed(await connected());
    const id = await create('Neu GmbH', { BillingCity: 'Köln', NumberOfEmployees: 12, Kundenstatus__c: 'Aktiv' });
    await org.sandbox.mutate({
      op: 'update',
      object: 'Account',
      id,
      fields: { Name: 'Alt GmbH', BillingCity: 'Bonn', NumberOfEmployees: null },
    });
    await heard.has(2);
    const [made, changed] = heard.events;
    expect(made?.payload).toMatchObject({
      Name: 'Neu GmbH',
      NumberOfEmployees: 12,
      Kundenstatus__c: 'Aktiv',
      BillingAddress: { City: 'Köln', Street: null },
      ChangeEventHeader: { entityName: 'Account', recordIds: [id], changeType: 'CREATE', changedFields: [] },
    });
    const header = changed?.payload.ChangeEventHeader;
    expect(header).toMatchObject({
      entityName: 'Account',
      recordIds: [id],
      changeType: 'UPDATE',
      nulledFields: ['NumberOfEmployees'],
    });
    expect(header?.changedFields.toSorted()).toEqual([
      'BillingAddress.City',
      'LastModifiedDate',
      'Name',
      'NumberOfEmployees',
    ]);
    expect(changed?.payload).toMatchObject({ Name: 'Alt GmbH', Kundenstatus__c: null });
    const { now } = await org.sandbox.control<{ now: string }>('GET', 'health');
    expect(Math.abs((header?.commitTimestamp ?? 0) - Date.parse(now))).toBeLessThan(60_000);
    expect(header?.commitUser).toBe(org.admin.id);
  });

  it('tell of deletion and return without fields and with them, of merged ones together', async () => {
    const heard = await subscribed(await connected());
    const ids = [await create('A'), await create('B')];
    await bus({ hold: true });
    for (const id of ids) await org.sandbox.mutate({ op: 'delete', object: 'Account', id });
    await bus({ release: true });
    await org.sandbox.mutate({ op: 'undelete', object: 'Account', id: ids[0] ?? '' });
    await heard.has(4);
    expect(headersOf(heard.events).map(({ changeType, recordIds }) => [changeType, recordIds])).toEqual([
      ['CREATE', [ids[0]]],
      ['CREATE', [ids[1]]],
      ['DELETE', ids],
      ['UNDELETE', [ids[0]]],
    ]);
    expect(heard.events[2]?.payload['Name']).toBeNull();
    expect(heard.events[3]?.payload['Name']).toBe('A');
  });

  it('are replayed after a place, from the earliest on, and not at all before the tip', async () => {
    const client = await connected();
    const first = await subscribed(client);
    await create('Eins');
    await create('Zwei');
    await first.has(2);
    const [one, two] = first.events;
    const again = listener();
    (await connected()).subscribeFromReplayId(TOPIC, again.callback, 100, one?.replayId ?? 0);
    await again.has(1);
    expect(again.events.map(({ replayId }) => replayId)).toEqual([two?.replayId]);
    const all = listener();
    (await connected()).subscribeFromEarliestEvent(TOPIC, all.callback, 100);
    await all.has(2);
    expect(all.events.map(({ id }) => id)).toEqual(expect.arrayContaining([one?.id, two?.id]));
  });

  it('are not sent beyond what was asked for', async () => {
    const heard = await subscribed(await connected());
    const few = listener();
    const client = await connected();
    client.subscribeFromReplayId(TOPIC, few.callback, 3, heard.events[0]?.replayId ?? (await tipOf(heard)));
    for (let n = 0; n < 5; n += 1) await create(`Nr ${n}`);
    await heard.has(5);
    await few.has(3);
    expect(few.words).toContain('lastEvent');
    client.requestAdditionalEvents(TOPIC, 1);
    await few.has(4);
    expect(few.events).toHaveLength(4);
  });

  it('have another schema when fields change', async () => {
    const heard = await subscribed(await connected());
    await create('Vorher');
    await org.sandbox.control('POST', 'schema', { object: 'Account', add: { name: 'Bonus__c', type: 'double' } });
    await create('Nachher', { Bonus__c: 4.5 });
    await heard.has(2);
    expect(heard.events[0]?.schemaId).not.toBe(heard.events[1]?.schemaId);
    expect(heard.events[1]?.payload['Bonus__c']).toBe(4.5);
  });

  it('tell of gaps and overflow by their header alone', async () => {
    const heard = await subscribed(await connected());
    const id = await create('Lücke');
    await bus({ gap: { object: 'Account', changeType: 'GAP_UPDATE', ids: [id] } });
    await bus({ overflow: 'Account' });
    await heard.has(3);
    expect(headersOf(heard.events).slice(1)).toMatchObject([
      { changeType: 'GAP_UPDATE', recordIds: [id], changedFields: [] },
      { changeType: 'GAP_OVERFLOW', recordIds: ['000000000000000AAA'] },
    ]);
  });

  it('are for those who may see all of an object, without the fields that are hidden from them', async () => {
    const username = org.sandbox.health.users.find((user) => user.role === 'user' && user.active)?.username ?? '';
    const { tokens } = await org.sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
      users: [username],
    });
    const client = await connected(tokens[username]);
    const refused = listener();
    client.subscribe(TOPIC, refused.callback);
    expect(await refused.failed).toEqual({ code: 7, trailer: 'sfdc.platform.eventbus.grpc.topic.permission.denied' });
    const everything = await subscribed(client, '/data/ChangeEvents');
    // Rights are those of the moment at which an event is sent: it has been, once somebody has it.
    const sent = await subscribed(await connected());
    await create('Nicht für alle');
    await sent.has(1);
    const permissionSet = { name: 'Konten', objects: { Account: 'viewAll' } };
    await org.sandbox.control('POST', 'sharing', { permissionSet });
    const profile = { name: 'Ohne Adresse', hideFields: { Account: ['BillingAddress', 'NumberOfEmployees'] } };
    await org.sandbox.control('POST', 'sharing', { profile });
    const given = { user: username, profile: 'Ohne Adresse', permissionSets: ['Konten'] };
    await org.sandbox.control('POST', 'sharing', given);
    const heard = await subscribed(await connected(tokens[username]));
    const id = await create('Für manche', { BillingCity: 'Köln', NumberOfEmployees: 12, Website: 'w.example' });
    const fields = { BillingCity: 'Ulm', NumberOfEmployees: null, Name: 'Für wenige' };
    await org.sandbox.mutate({ op: 'update', object: 'Account', id, fields });
    await heard.has(2);
    const [made, changed] = heard.events;
    expect(made?.payload).toMatchObject({ Name: 'Für manche', Website: 'w.example', NumberOfEmployees: null });
    expect(made?.payload['BillingAddress']).toBeNull();
    const header = changed?.payload.ChangeEventHeader;
    expect(header?.changedFields.toSorted()).toEqual(['LastModifiedDate', 'Name']);
    expect(header?.nulledFields).toEqual([]);
    await everything.has(2);
    expect(headersOf(everything.events).flatMap(({ recordIds }) => recordIds)).toEqual([id, id]);
  });

  it('of all objects come on one channel', async () => {
    const heard = await subscribed(await connected(), '/data/ChangeEvents');
    await create('Firma');
    await org.sandbox.mutate({ op: 'create', object: 'Contact', fields: { FirstName: 'Eva', LastName: 'Neu' } });
    await heard.has(2);
    expect(headersOf(heard.events).map(({ entityName }) => entityName)).toEqual(['Account', 'Contact']);
    expect(heard.events[1]?.payload['Name']).toEqual({ FirstName: 'Eva', LastName: 'Neu' });
  });
});

describe('what the Pub/Sub API of the sandbox refuses', () => {
  it.each([
    ['a topic that is none', '/data/NobodyChangeEvent', 5, 'topic.not.found'],
    ['an object that nobody selected', '/data/LeadChangeEvent', 5, 'topic.not.found'],
  ])('%s', async (_, topic, code, trailer) => {
    await bus({ select: ['Account'] });
    const heard = listener();
    (await connected()).subscribe(topic, heard.callback);
    expect(await heard.failed).toEqual({ code, trailer: `sfdc.platform.eventbus.grpc.${trailer}` });
  });

  it('a place that it never gave out, and one older than 72 hours', async () => {
    const refused = { code: 3, trailer: 'sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted' };
    const wrong = listener();
    (await connected()).subscribeFromReplayId(TOPIC, wrong.callback, 1, 4_711);
    expect(await wrong.failed).toEqual(refused);
    const heard = await subscribed(await connected());
    await create('Bald alt');
    await heard.has(1);
    await org.sandbox.control('POST', 'clock', { advanceMs: 71 * 3_600_000 });
    await org.sandbox.control('POST', 'limits', { sessionTimeoutMs: 400 * 3_600_000 });
    await create('Dazwischen');
    await org.sandbox.control('POST', 'clock', { advanceMs: 2 * 3_600_000 });
    const old = listener();
    (await connected(await freshToken())).subscribeFromReplayId(TOPIC, old.callback, 1, heard.events[0]?.replayId ?? 0);
    expect(await old.failed).toEqual(refused);
  });

  it('a token that ends while events are waited for, with the next event', async () => {
    const { tokens } = await org.sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
      users: [org.admin.username],
    });
    const heard = await subscribed(await connected(tokens[org.admin.username]));
    await org.sandbox.control('POST', 'revoke', { user: org.admin.username, accessOnly: true });
    await create('Zu spät');
    expect(await heard.failed).toEqual({ code: 16, trailer: 'sfdc.platform.eventbus.grpc.service.auth.error' });
    expect(heard.events).toEqual([]);
  });

  it('a token that is none', async () => {
    const heard = listener();
    (await connected(`${org.tokens.access_token.slice(0, 20)}x`)).subscribe(TOPIC, heard.callback);
    expect(await heard.failed).toMatchObject({ code: 16, trailer: 'sfdc.platform.eventbus.grpc.service.auth.error' });
  });
});

async function freshToken(): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: org.tokens.refresh_token ?? '',
    client_id: org.sandbox.app.clientId,
    client_secret: org.sandbox.app.clientSecret,
  });
  const answer = await fetch(`${org.sandbox.url}/services/oauth2/token`, { method: 'POST', body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** A place at the tip: that of an event made for it. */
async function tipOf(heard: Listener): Promise<number> {
  await create('Grenze');
  await heard.has(1);
  return heard.events.at(-1)?.replayId ?? 0;
}
