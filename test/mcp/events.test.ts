import { Client as ModernClient, ProtocolError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { limits, systemClock, systemRandom, type JsonObject } from '../../src/kernel/index.ts';
import { createMcpHttp, createToolDoor, eventLink, parseEventLink, type CallerContext } from '../../src/mcp/index.ts';
import { endWith } from '../../src/mcp/server/end-with.ts';
import { createTurnstile } from '../../src/mcp/server/turnstile.ts';
import type { Db } from '../../src/store/index.ts';
import { createChangeBell, followEvents, readEventPage, sentEvents } from '../../src/subscriptions/index.ts';
import { openEventWorld, type EventWorld } from '../subscriptions/fixture.ts';
import { until } from '../support/receiver.ts';
import { openerOf } from '../support/stores.ts';
import { callerContext, closeServer, hurried, listen, recordingQuery, services } from './fixture.ts';

const open = openerOf('pglite');
let db: Db;
beforeAll(async () => {
  db = await open();
});

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** The endpoint over real changes; `key.good` says whether the one key, `k`, is admitted. */
async function serve(world: EventWorld) {
  const bell = await createChangeBell(db, systemClock);
  const key = { good: true };
  const deps = { ...world.deps, bell };
  const ask = async (bearer: string): Promise<CallerContext | null> => {
    if (bearer !== 'k' || !key.good) return null;
    const { caller, scope } = world.viewer();
    return { caller, scope: { ...callerContext().scope, ...scope } };
  };
  const door = createToolDoor({
    services: {
      ...services(recordingQuery()),
      readEvents: (context, wish) => readEventPage(deps, context, wish),
    },
    clock: systemClock,
    random: systemRandom,
  });
  const mcp = createMcpHttp({
    door,
    authenticate: ask,
    followEvents: async (bearer, wish, signal) =>
      sentEvents(await followEvents(deps, () => ask(bearer), wish, signal), deps.publicUrl, wish.object),
    random: systemRandom,
    clock: hurried,
    version: '0.0.0-test',
    allowedHosts: [],
  });
  const { server, url } = await listen((request) => mcp.fetch(request));
  ends.push(bell.stop, async () => {
    await mcp.close();
    await closeServer(server);
  });
  return { url: `${url}/mcp`, key };
}

const withKey = { requestInit: { headers: { authorization: 'Bearer k' } } };

interface Told {
  readonly uri: string;
  readonly event: { readonly type: string; readonly data: JsonObject & { readonly sequence: number } };
}

/** A stock client of revision 2026-07-28 and what it hears. */
async function connect(url: string) {
  const client = new ModernClient({ name: 't', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const told: Told[] = [];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    told.push({ uri: params.uri, event: params._meta?.['gantry/event'] as Told['event'] });
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), withKey));
  ends.push(() => client.close());
  const read = async (uri: string) => {
    const { contents } = await client.readResource({ uri });
    const [first] = contents;
    if (first === undefined || !('text' in first)) throw new Error('no text');
    return JSON.parse(first.text) as { events: Told['event'][]; sequence: number; more: boolean; next: string };
  };
  return { client, told, read, sequences: () => told.map(({ event }) => event.data.sequence) };
}

const account = (name: string, more = {}) => ({ crm_id: name, name, segment: 'mid', ...more });

/** What a refused listen says of itself. */
async function refusal(work: Promise<unknown>): Promise<JsonObject> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ProtocolError)) throw new Error('it was not refused', { cause: error });
  return { rpc: error.code, ...(error.data as JsonObject) };
}

describe('events over MCP, client 2.4.0 (2026-07-28, subscriptions/listen)', () => {
  it('come with before and after, in order, as over REST, and go on after a break without a gap or a repeat', async () => {
    const world = await openEventWorld(db);
    const { url } = await serve(world);
    const first = await connect(url);
    await world.put(['a0', account('before')]);
    const place = await first.read('gantry://events/account');
    expect(place).toMatchObject({ events: [], sequence: 1, more: false, next: 'gantry://events/account?after=1' });
    const stream = await first.client.listen({ resourceSubscriptions: [place.next] });
    expect(stream.honoredFilter).toEqual({ resourceSubscriptions: [place.next] });
    await world.put(['a1', account('one')], ['a1', account('two')], ['a1', null]);
    await until(() => first.told.length === 3);
    expect(first.told.map(({ uri }) => uri)).toEqual([place.next, place.next, place.next]);
    expect(first.told.map(({ event }) => [event.type, event.data.sequence])).toEqual([
      ['account.created', 2],
      ['account.updated', 3],
      ['account.deleted', 4],
    ]);
    expect(first.told[1]?.event.data).toMatchObject({
      _ref: 'crm/Account/a1',
      changed: ['crm_id', 'name'],
      before: { name: 'one' },
      after: { name: 'two' },
    });
    await stream.close();
    await world.put(['a1', account('three')], ['a2', account('four')]);
    const second = await connect(url);
    await second.client.listen({ resourceSubscriptions: ['gantry://events/account?after=4'] });
    await world.put(['a2', account('five')]);
    await until(() => second.told.length === 3);
    expect(second.sequences()).toEqual([5, 6, 7]);
    expect(first.told).toHaveLength(3);
    const page = await second.read('gantry://events/account?after=3');
    expect(page.events).toEqual([first.told[2], ...second.told].map((each) => each?.event));
  });

  it('are judged by filter and grant on both sides of a change', async () => {
    const world = await openEventWorld(db);
    const { url } = await serve(world);
    world.grant({ account: { fields: ['name', 'segment'], where: { segment: { ne: 'small' } } } });
    const one = await connect(url);
    const link = eventLink({
      object: 'account',
      filter: { name: { starts_with: 'N' } },
      events: [],
      fields: ['name'],
      after: 0,
    });
    await one.client.listen({ resourceSubscriptions: [link], toolsListChanged: true });
    await world.put(
      ['a1', account('Aare')],
      ['a1', account('Nord')],
      ['a1', account('Nordwind', { notes: 'CANARY' })],
      ['a1', account('Nordwind', { segment: 'small' })],
      ['a1', account('CANARY', { segment: 'small' })],
      ['a2', account('Neu')],
    );
    await until(() => one.told.length === 4);
    expect(one.told.map(({ event }) => [event.type, event.data['before'], event.data['after']])).toEqual([
      ['account.created', null, { name: 'Nord' }],
      ['account.updated', { name: 'Nord' }, { name: 'Nordwind' }],
      ['account.deleted', { name: 'Nordwind' }, null],
      ['account.created', null, { name: 'Neu' }],
    ]);
    expect(JSON.stringify(one.told)).not.toContain('CANARY');
  });

  it('of several links come each under its own', async () => {
    const world = await openEventWorld(db);
    const { url } = await serve(world);
    const one = await connect(url);
    const links = ['created', 'deleted'].map((event) => `gantry://events/account?events=${event}`);
    await one.client.listen({ resourceSubscriptions: [...links, ...links] });
    await world.put(['a1', account('o\u200Bne')], ['a1', account('two')], ['a1', null]);
    await until(() => one.told.length === 2);
    expect(one.told.map(({ uri, event }) => [uri, event.type])).toEqual([
      [links[0], 'account.created'],
      [links[1], 'account.deleted'],
    ]);
    // As in every answer: what nobody can see does not leave.
    expect(one.told[0]?.event.data['after']).toMatchObject({ name: 'one' });
  });

  it('are without values where they are too large', async () => {
    const world = await openEventWorld(db);
    const { url } = await serve(world);
    const one = await connect(url);
    await one.client.listen({ resourceSubscriptions: ['gantry://events/account?after=0'] });
    await world.put(['a1', account('one', { notes: 'x'.repeat(300_000) })]);
    await until(() => one.told.length === 1);
    expect(one.told[0]?.event.data).toMatchObject({ sequence: 1, before: null, after: null, too_large: true });
  });

  it('are not for an agent that has saved queries only', async () => {
    const world = await openEventWorld(db);
    const { url } = await serve(world);
    await world.put(['a1', account('CANARY')]);
    const one = await connect(url);
    const link = 'gantry://events/account?after=0';
    expect(await one.read(link)).toMatchObject({ events: [{ type: 'account.created' }] });
    world.grant({ account: {} }, []);
    await expect(one.read(link)).rejects.toMatchObject({ data: { code: 'tool_unknown' } });
    expect(await refusal(one.client.listen({ resourceSubscriptions: [link] }))).toMatchObject({ code: 'tool_unknown' });
    expect(one.told).toEqual([]);
  });

  it('end with the key, and with the grant, and say why when asked again', async () => {
    const world = await openEventWorld(db);
    const { url, key } = await serve(world);
    const one = await connect(url);
    const stream = await one.client.listen({ resourceSubscriptions: ['gantry://events/account'] });
    world.grant({ deal: {} });
    await world.put(['a1', account('CANARY')]);
    expect(await stream.closed).toBe('remote');
    expect(await refusal(one.client.listen({ resourceSubscriptions: ['gantry://events/account'] }))).toMatchObject({
      rpc: -32602,
      code: 'query_object_unknown',
    });
    world.grant({ account: {} });
    const again = await one.client.listen({ resourceSubscriptions: ['gantry://events/account'] });
    key.good = false;
    expect(await again.closed).toBe('remote');
    await world.put(['a2', account('CANARY')]);
    expect(one.told).toEqual([]);
  });

  it('are refused with the way out, and nothing is acknowledged', async () => {
    const world = await openEventWorld(db);
    const { url } = await serve(world);
    const { client, told } = await connect(url);
    await world.put(['a1', account('one')], ['a1', account('two')]);
    await db.query('update change_head set floor = 1 where tenant = $1', [world.tenant]);
    const ask = (...links: string[]) => refusal(client.listen({ resourceSubscriptions: links }));
    expect(await ask('gantry://events/acount')).toMatchObject({
      code: 'query_object_unknown',
      suggestions: ['account'],
    });
    expect(await ask('gantry://events/account?after=0')).toMatchObject({ code: 'events_gone' });
    expect(await ask('gantry://events/account', 'gantry://record/crm/Account/a1/notes?object=account')).toMatchObject({
      code: 'bad_request',
    });
    expect(await ask('gantry://events/account?filter={"nme":"x"}')).toMatchObject({
      code: 'query_field_unknown',
      suggestions: expect.arrayContaining(['name']),
    });
    const many = Array.from(
      { length: limits.mcpEventLinksMax + 1 },
      (_, at) => `gantry://events/account?after=${at + 2}`,
    );
    expect(await ask(...many)).toMatchObject({ code: 'rate_limited' });
    expect(told).toEqual([]);
  });

  it('are bounded per key, and a stream that is closed makes room', async () => {
    const world = await openEventWorld(db);
    const { url } = await serve(world);
    const { client } = await connect(url);
    const links = Array.from({ length: limits.mcpEventLinksMax }, (_, at) => `gantry://events/account?after=${at}`);
    const streams = [];
    for (let has = 0; has < limits.eventStreamsPerKeyMax; has += links.length) {
      streams.push(await client.listen({ resourceSubscriptions: links }));
    }
    const more = () => client.listen({ resourceSubscriptions: ['gantry://events/account'] });
    expect(await refusal(more())).toMatchObject({ code: 'rate_limited' });
    await streams.pop()?.close();
    await until(() =>
      more().then(
        () => true,
        () => false,
      ),
    );
  });
});

describe('events over MCP before 2026-07-28 (sdk 1.32.2, 2025-11-25)', () => {
  it('are not promised on a stream that knows no subscriber, but can be read page by page', async () => {
    const world = await openEventWorld(db);
    const { url } = await serve(world);
    const client = new LegacyClient({ name: 't', version: '1' });
    await client.connect(new LegacyTransport(new URL(url), withKey));
    ends.push(() => client.close());
    expect(client.getServerCapabilities()).toMatchObject({ resources: {} });
    expect(client.getServerCapabilities()?.resources?.subscribe).toBeUndefined();
    await expect(client.subscribeResource({ uri: 'gantry://events/account' })).rejects.toThrow(/-32601/);
    const templates = (await client.listResourceTemplates()).resourceTemplates.map(({ name }) => name);
    expect(templates).toEqual(['value', 'events']);
    const read = async (uri: string) => {
      const [first] = (await client.readResource({ uri })).contents;
      return JSON.parse(first !== undefined && 'text' in first ? first.text : '') as {
        events: Told['event'][];
        next: string;
      };
    };
    const place = await read('gantry://events/account?events=created,deleted');
    expect(place.events).toEqual([]);
    await world.put(['a1', account('one')], ['a1', account('two')], ['a1', null]);
    const page = await read(place.next);
    expect(page.events.map(({ type }) => type)).toEqual(['account.created', 'account.deleted']);
    expect((await read(page.next)).events).toEqual([]);
    await expect(read('gantry://events/nobody')).rejects.toThrow(/no object/);
  });
});

describe('events over stdio', () => {
  const entry = fileURLToPath(new URL('./stdio-events-server.ts', import.meta.url));
  const command = { command: process.execPath, args: ['--import', 'tsx', entry] };

  it('come to a client of 2025-11-25 that subscribed to a link, until it does not want them (sdk 1.32.2)', async () => {
    const client = new LegacyClient({ name: 't', version: '1' });
    const told: unknown[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      told.push([params.uri, (params._meta?.['gantry/event'] as Told['event'] | undefined)?.data['after']]);
    });
    await client.connect(new LegacyStdio(command));
    ends.push(() => client.close());
    expect(client.getServerCapabilities()?.resources?.subscribe).toBe(true);
    const change = (...names: string[]) => client.callTool({ name: 'describe', arguments: { names } });
    const [named, all] = [
      'gantry://events/account?fields=name',
      'gantry://events/account?fields=crm_id&events=created',
    ];
    await client.subscribeResource({ uri: named });
    await client.subscribeResource({ uri: all });
    await change('One', 'Two');
    await until(() => told.length === 3);
    expect(told).toEqual(
      expect.arrayContaining([
        [named, { name: 'One' }],
        [named, { name: 'Two' }],
        [all, { crm_id: 'a1' }],
      ]),
    );
    await client.unsubscribeResource({ uri: named });
    await client.subscribeResource({ uri: 'gantry://events/account?fields=segment,name' });
    await change('Three');
    await until(() => told.length === 4);
    expect(told[3]).toEqual(['gantry://events/account?fields=segment,name', { name: 'Three', segment: 'mid' }]);
    await expect(client.subscribeResource({ uri: 'gantry://events/acount' })).rejects.toThrow(/no object "acount"/);
  });

  it('come once where a link is subscribed to twice at once, and not at all once it is taken back', async () => {
    const client = new LegacyClient({ name: 't', version: '1' });
    const told: [string, unknown][] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      told.push([params.uri, (params._meta?.['gantry/event'] as Told['event'] | undefined)?.data['sequence']]);
    });
    await client.connect(new LegacyStdio(command));
    ends.push(() => client.close());
    const change = (...names: string[]) => client.callTool({ name: 'describe', arguments: { names } });
    const [twice, early, fence] = ['name', 'crm_id', 'segment,name'].map(
      (fields) => `gantry://events/account?fields=${fields}`,
    ) as [string, string, string];
    const opening = client.subscribeResource({ uri: early });
    await Promise.all([
      client.unsubscribeResource({ uri: early }),
      client.subscribeResource({ uri: twice }),
      client.subscribeResource({ uri: twice }),
    ]);
    await opening;
    await client.subscribeResource({ uri: fence });
    await change('One', 'Two', 'Three');
    const of = (uri: string) => told.filter(([one]) => one === uri).map(([, sequence]) => sequence);
    await until(() => of(twice).includes(3) && of(fence).includes(3));
    await client.unsubscribeResource({ uri: twice });
    await change('Four', 'Five');
    await until(() => of(fence).includes(5));
    expect(of(twice)).toEqual([1, 2, 3]);
    expect(of(early)).toEqual([]);
  });

  it('are not promised to a client of 2026-07-28 (client 2.4.0)', async () => {
    const client = new ModernClient({ name: 't', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StdioClientTransport(command));
    ends.push(() => client.close());
    const link = 'gantry://events/account?after=0';
    expect((await client.listen({ resourceSubscriptions: [link], toolsListChanged: true })).honoredFilter).toEqual({
      toolsListChanged: true,
    });
  });
});

describe('links to events', () => {
  it('say the same when they come back, whatever names and filters hold', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed());
    const words = fc.array(
      name.map((text) => `${text.replaceAll(',', '')}x`),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(
        name.map((text) => text.replaceAll('/', '_')),
        fc.dictionary(
          name.filter((text) => text !== '__proto__'),
          name,
          { maxKeys: 3, noNullPrototype: true },
        ),
        fc.option(words, { nil: [] }),
        fc.option(words, { nil: null }),
        fc.option(fc.nat(), { nil: null }),
        (object, filter, events, fields, after) => {
          const link = eventLink({ object, filter, events, fields, after });
          expect(link).toMatch(/^gantry:\/\/events\/[!-~]+$/);
          expect(parseEventLink(link)).toEqual({ object, filter, events, fields, after });
        },
      ),
    );
  });

  it('lose nothing behind a second question mark', () => {
    expect(parseEventLink('gantry://events/account?fields=a&filter={"name":"why?"}&after=1')).toEqual({
      object: 'account',
      filter: { name: 'why?' },
      events: [],
      fields: ['a'],
      after: 1,
    });
    expect(parseEventLink('gantry://events/account?fields=a?filter={}').fields).toEqual(['a?filter={}']);
  });

  it.each([
    'gantry://events/',
    'gantry://events/a/b',
    'gantry://events/%E0%A4%A',
    'gantry://events/account?after=-1',
    'gantry://events/account?since=1',
    'gantry://events/account?after=1&after=2',
    'gantry://events/account?filter=[]',
    'gantry://events/account?filter={',
    'gantry://events/account?events=',
    'gantry://events/account?fields=',
    'gantry://events/account?fields=name,,segment',
    'https://events/account',
  ])('are nothing else: %s', (uri) => {
    expect(() => parseEventLink(uri)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});

describe('a stream whose reader is slow', () => {
  it('holds its writers up instead of keeping what they say', async () => {
    const turnstile = createTurnstile();
    const ended = new AbortController();
    let written = 0;
    let told: ReadableStreamDefaultController<Uint8Array> | null = null;
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        told = controller;
      },
    });
    const reader = endWith(new Response(source), ended.signal, turnstile).body?.getReader();
    const write = async (): Promise<void> => {
      for (;;) {
        await turnstile.pass(ended.signal);
        if (ended.signal.aborted) return;
        written += 1;
        told?.enqueue(new Uint8Array([written]));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const writers = [write(), write()];
    for (let taken = 1; taken <= 50; taken += 1) {
      expect((await reader?.read())?.value).toEqual(new Uint8Array([taken]));
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(written).toBeLessThanOrEqual(taken + 3);
    }
    ended.abort();
    await Promise.all(writers);
    // What had been taken on the way, and then the end.
    const left: (boolean | undefined)[] = [];
    while (left.at(-1) !== true) left.push((await reader?.read())?.done);
    expect(left.length).toBeLessThanOrEqual(3);
  });
});
