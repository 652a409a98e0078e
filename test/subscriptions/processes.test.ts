import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/stores.ts';
import { answer, openReceiver, until, type Receiver } from '../support/receiver.ts';
import type { Told } from './fixture.ts';
import { openEventProcesses, type EventProcesses } from './real-processes.ts';

const killedWhileSending = { GANTRY_REHEARSAL: '1', GANTRY_CRASH_AT: 'subscriptions.keep_attempt.before_commit:1' };

/** Makes a subscription to every account that the agent sees; its secret. */
async function subscribe(world: EventProcesses, hook: Receiver<Told>): Promise<string> {
  const wish = ['--tenant', 'acme', '--agent', 'watcher', '--object', 'crm.Account', '--url', hook.url];
  const out = await world.command('subscription', 'create', ...wish);
  return /^Secret \(shown once\): (\S+)$/m.exec(out)?.[1] ?? '';
}

/** What server-sent events said so far; `ended` once the server ended them. */
async function followBySse({ url, key }: EventProcesses) {
  const response = await fetch(`${url}/v1/events?object=crm.Account`, { headers: { authorization: `Bearer ${key}` } });
  const events: unknown[] = [];
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) events.push(JSON.parse(data));
      }
    }
  };
  return { events, ended: read() };
}

async function followByMcp({ url, key }: EventProcesses) {
  const client = new Client({ name: 't', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const events: unknown[] = [];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    events.push(params._meta?.['gantry/event']);
  });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  const { closed } = await client.listen({ resourceSubscriptions: ['gantry://events/crm.Account'] });
  return { events, closed, close: () => client.close() };
}

const told = ({ received }: Receiver<Told>) =>
  received.map(({ json: { type, data } }) => [type, data.before?.['Name'] ?? null, data.after?.['Name'] ?? null]);

describe('events out of real processes on PostgreSQL: a door, and workers that come and go', () => {
  let world: EventProcesses;
  let hook: Receiver<Told>;
  let secret: string;
  let database: pg.Client;
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const fresh = await freshDatabase();
    ends.push(fresh.drop);
    world = await openEventProcesses(fresh.url);
    hook = await openReceiver<Told>();
    database = new pg.Client(fresh.url);
    await database.connect();
    ends.push(world.close, hook.stop, () => database.end());
    await world.serve({}, '--role', 'api');
  });
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });

  /** As if the lease of a dead process had ended: a minute of waiting proves nothing more. */
  const leasesEnd = () => database.query('update subscription_turn set lease_until = now(), due_at = now()');
  const synced = async (change: Parameters<EventProcesses['crm']['mutate']>[0]): Promise<string> => {
    const { id } = await world.crm.mutate(change);
    await world.operator.sync('crm', ['Account']);
    return id;
  };
  const create = (name: string) => synced({ op: 'create', object: 'Account', fields: { Name: name } });
  const rename = (id: string, name: string) => synced({ op: 'update', object: 'Account', id, fields: { Name: name } });

  it('are told by webhook, SSE and MCP alike, and again under the same id when the sender is killed before it could note it', async () => {
    const dying = world.work(killedWhileSending);
    await world.operator.connect('crm', world.crm);
    await world.operator.loaded(['crm']);
    secret = await subscribe(world, hook);
    const [sse, mcp] = [await followBySse(world), await followByMcp(world)];
    const id = await create('Seen One');
    expect(await dying.ended).toBe('SIGKILL');
    expect(told(hook)).toEqual([['crm.Account.created', null, 'Seen One']]);
    // Two from now on.
    world.work();
    world.work();
    await leasesEnd();
    await until(() => hook.received.length === 2);
    expect(hook.received[1]?.id).toBe(hook.received[0]?.id);
    expect(hook.received[1]?.body).toBe(hook.received[0]?.body);
    await rename(id, 'Seen Two');
    await until(() => hook.received.length === 3);
    // Out of the agent's sight, where nothing of it is told, and in again.
    await rename(id, 'Hidden CANARY');
    await until(() => hook.received.length === 4);
    await synced({ op: 'update', object: 'Account', id, fields: { Phone: '+49 1' } });
    await rename(id, 'Seen Three');
    await until(() => hook.received.length === 5);
    await synced({ op: 'delete', object: 'Account', id });
    await until(() => hook.received.length === 6);
    expect(told(hook).slice(2)).toEqual([
      ['crm.Account.updated', 'Seen One', 'Seen Two'],
      ['crm.Account.deleted', 'Seen Two', null],
      ['crm.Account.created', null, 'Seen Three'],
      ['crm.Account.deleted', 'Seen Three', null],
    ]);
    for (const { headers, body } of hook.received) new Webhook(secret).verify(body, headers);
    expect(JSON.stringify(hook.received)).not.toContain('CANARY');
    const events = hook.received.slice(1).map(({ json }) => json);
    await until(() => sse.events.length >= events.length && mcp.events.length >= events.length);
    expect(sse.events).toEqual(events);
    expect(mcp.events).toEqual(events);
    await mcp.close();
  }, 300_000);

  it('come once each and in order with two workers', async () => {
    const before = hook.received.length;
    const names = Array.from({ length: 12 }, (_, at) => `Seen ${String(at)}`);
    for (const Name of names) await world.crm.mutate({ op: 'create', object: 'Account', fields: { Name } });
    await world.operator.sync('crm', ['Account']);
    await until(() => hook.received.length >= before + names.length);
    const fresh = hook.received.slice(before);
    const order = fresh.map(({ json }) => json.data.sequence);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(new Set(fresh.map(({ json }) => json.data.after?.['Name']))).toEqual(new Set(names));
    expect(new Set(fresh.map(({ id }) => id)).size).toBe(names.length);
  }, 300_000);

  it('that are dead are shown with their cause, and sent again when somebody says so', async () => {
    hook.behave(answer(503));
    const before = hook.received.length;
    await create('Seen Dead');
    await until(async () => (await database.query('select 1 from subscription where failures = 1')).rowCount === 1);
    await database.query("update delivery set attempts = 9, due_at = now() where state = 'due'");
    await database.query('update subscription_turn set due_at = now()');
    await until(async () => (await database.query("select 1 from delivery where state = 'dead'")).rowCount === 1);
    expect(await world.command('subscription', 'list', '--tenant', 'acme')).toMatch(/active {2}.* {2}1 dead$/m);
    const shown = await world.command('subscription', 'deliveries', '1', '--tenant', 'acme', '--state', 'dead');
    expect(shown).toMatch(/^\d+ {2}created {2}crm\/Account\/\w+ {2}dead {2}refused\n( {4}\S+ {2}503 {2}refused\n){2}$/);
    hook.behave(answer(204));
    expect(await world.command('subscription', 'replay', '1', '--tenant', 'acme')).toContain('1 are sent again');
    await until(() => hook.received.length === before + 3);
    expect(new Set(hook.received.slice(before).map(({ id }) => id)).size).toBe(1);
  }, 300_000);

  it('end with the key of their agent: streams by themselves, webhooks at the next event', async () => {
    const [sse, mcp] = [await followBySse(world), await followByMcp(world)];
    const { rows } = await database.query<{ id: string }>("select left(encode(hash, 'hex'), 12) as id from api_key");
    const id = rows[0]?.id ?? '';
    await world.command('key', 'revoke', id, '--tenant', 'acme');
    expect(await mcp.closed).toBe('remote');
    await mcp.close();
    const before = hook.received.length;
    await create('Seen CANARY');
    await sse.ended;
    await until(
      async () => (await database.query("select 1 from subscription where state = 'disabled'")).rowCount === 1,
    );
    expect(await world.command('subscription', 'list', '--tenant', 'acme')).toContain('disabled (key_ended)');
    expect(hook.received).toHaveLength(before);
    expect(JSON.stringify([sse.events, mcp.events])).not.toContain('CANARY');
  }, 300_000);
});

describe('events out of one real process on the embedded database', () => {
  let world: EventProcesses;
  let hook: Receiver<Told>;
  beforeAll(async () => {
    world = await openEventProcesses(null);
    hook = await openReceiver<Told>();
  });
  afterAll(async () => {
    await world.close();
    await hook.stop();
  });

  it('come again under the same id after it was killed between sending and noting', async () => {
    const first = await world.serve(killedWhileSending);
    const died = new Promise<string | null>((resolve) => {
      first.child.once('exit', (_code, signal) => resolve(signal));
    });
    await world.operator.connect('crm', world.crm);
    await world.operator.loaded(['crm']);
    const secret = await subscribe(world, hook);
    const { id } = await world.crm.mutate({ op: 'create', object: 'Account', fields: { Name: 'Seen One' } });
    await world.operator.sync('crm', ['Account']);
    expect(await died).toBe('SIGKILL');
    await world.inside(({ db }) => db.query('update subscription_turn set lease_until = now(), due_at = now()'));
    await world.serve({});
    await until(() => hook.received.length === 2);
    await world.crm.mutate({ op: 'update', object: 'Account', id, fields: { Name: 'Seen Two' } });
    await world.operator.sync('crm', ['Account']);
    await until(() => hook.received.length === 3);
    expect(told(hook)).toEqual([
      ['crm.Account.created', null, 'Seen One'],
      ['crm.Account.created', null, 'Seen One'],
      ['crm.Account.updated', 'Seen One', 'Seen Two'],
    ]);
    expect(hook.received.map((each) => each.id === hook.received[0]?.id)).toEqual([true, true, false]);
    for (const { headers, body } of hook.received) new Webhook(secret).verify(body, headers);
  }, 300_000);
});
