import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { createChangeBell, followEvents, readEvent, type Viewer } from '../../src/subscriptions/index.ts';
import { eventStream } from '../../src/api/event-stream.ts';
import { startApi } from '../api/fixture.ts';
import { openerOf } from '../support/stores.ts';
import { openReceiver, until } from '../support/receiver.ts';
import { openEventWorld, type EventWorld, type Told } from './fixture.ts';

const open = openerOf('pglite');
let db: Db;
beforeAll(async () => {
  db = await open();
});

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function serve(world: EventWorld) {
  const bell = await createChangeBell(db, systemClock);
  const key = { good: true };
  const ask = async (): Promise<Viewer | null> => (key.good ? world.viewer() : null);
  const api = await startApi({
    events: {
      follow: (_, wish, signal) => followEvents({ ...world.deps, bell }, ask, wish, signal),
      read: (_, { seq, ...wish }) => readEvent(world.deps, world.viewer(), wish, seq),
    },
  });
  ends.push(bell.stop, api.stop);
  const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${api.url}${path}`, { headers: { authorization: 'Bearer full', ...headers } });
  return { key, get };
}

/** Reads a stream until it holds; the text so far. */
async function readUntil(response: Response, holds: (text: string) => boolean): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!holds(text)) {
    const next = await reader?.read();
    if (next === undefined || next.done) return `${text}<end>`;
    text += decoder.decode(next.value, { stream: true });
  }
  await reader?.cancel();
  return text;
}

const idsIn = (text: string): string[] => [...text.matchAll(/id: (\d+)\nevent: change/g)].map(([, id]) => id ?? '');
const account = (name: string, more = {}) => ({ crm_id: name, name, ...more });

describe('events by SSE', () => {
  it('comes live, in order, and goes on after the last id without a gap or a repeat', async () => {
    const world = await openEventWorld(db);
    const { get } = await serve(world);
    const first = await get('/v1/events?object=account');
    expect(first.headers.get('content-type')).toBe('text/event-stream');
    await world.put(['a1', account('one')], ['a2', account('two')]);
    const text = await readUntil(first, (so) => idsIn(so).length >= 2);
    expect(idsIn(text)).toEqual(['1', '2']);
    expect(text).toContain('"type":"account.created"');
    await world.put(['a1', account('three')], ['a1', null]);
    const second = await get('/v1/events?object=account', { 'last-event-id': '2' });
    expect(idsIn(await readUntil(second, (so) => idsIn(so).length >= 2))).toEqual(['3', '4']);
    const matching = await get(
      `/v1/events?object=account&after=0&filter=${encodeURIComponent('{"name":"three"}')}&events=deleted`,
    );
    const [event] = idsIn(await readUntil(matching, (so) => idsIn(so).length >= 1));
    expect(event).toBe('4');
  });

  it('ends when the key does, and shows no more than the grant of the moment', async () => {
    const world = await openEventWorld(db);
    const { get, key } = await serve(world);
    const stream = await get('/v1/events?object=account');
    await world.put(['a1', account('one', { notes: 'seen' })]);
    world.grant({ account: { fields: ['name'] } });
    const narrow = await get('/v1/events?object=account&after=0');
    expect(await readUntil(narrow, (so) => idsIn(so).length >= 1)).not.toContain('seen');
    key.good = false;
    await world.put(['a1', account('CANARY')]);
    const text = await readUntil(stream, () => false);
    expect(text).toContain('<end>');
    expect(text).not.toContain('CANARY');
  });

  it('is not for an agent that has saved queries only, nor is one event, nor a subscription', async () => {
    const world = await openEventWorld(db);
    const { get } = await serve(world);
    await world.put(['a1', account('CANARY')]);
    const tried = async (): Promise<(number | string)[]> => {
      const stream = await get('/v1/events?object=account&after=0');
      const text = stream.ok ? await readUntil(stream, (so) => idsIn(so).length >= 1) : await stream.text();
      const one = await get('/v1/events/1?object=account');
      return [stream.status, one.status, text + (await one.text())];
    };
    for (const tools of [['query_records'], ['get_record']]) {
      world.grant({ account: {} }, tools);
      expect(await tried()).toEqual([200, 200, expect.stringContaining('CANARY')]);
    }
    for (const tools of [[], ['describe', 'query_sql']]) {
      world.grant({ account: {} }, tools);
      const [stream, one, text] = await tried();
      expect([stream, one]).toEqual([404, 404]);
      expect(text).toContain('"tool_unknown"');
      expect(text).not.toContain('CANARY');
      await expect(world.subscribe('https://receiver.example/hook')).rejects.toMatchObject({ code: 'tool_unknown' });
    }
  });

  it('ends in silence when the client leaves while nothing happens, however its source ends then', async () => {
    for (const end of ['returns', 'fails'] as const) {
      const gone = new AbortController();
      const begun = new AbortController();
      const begins = new Promise((resolve) => begun.signal.addEventListener('abort', resolve));
      const failures: unknown[] = [];
      let stops = 0;
      const items = (async function* (): Awaited<ReturnType<typeof followEvents>> {
        await new Promise((resolve) => {
          gone.signal.addEventListener('abort', resolve);
          begun.abort();
        });
        if (end === 'fails') throw new Error('nobody is there any more');
        yield* [];
      })();
      const stop = (): void => {
        stops += 1;
        gone.abort();
      };
      const reader = eventStream(items, { stop, onFailed: (cause) => failures.push(cause) }).body?.getReader();
      const read = reader?.read();
      await begins;
      await reader?.cancel();
      expect(await read).toEqual({ done: true, value: undefined });
      // The stream's own ending comes a few turns after that of its source.
      await new Promise((resolve) => setImmediate(resolve));
      expect([stops, failures]).toEqual([1, []]);
    }
  });

  it('says what is gone: a place before the changes that are kept', async () => {
    const world = await openEventWorld(db);
    const { get } = await serve(world);
    await world.put(['a1', account('one')], ['a1', account('two')]);
    await db.query('update change_head set floor = 1 where tenant = $1', [world.tenant]);
    const response = await get('/v1/events?object=account&after=0');
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([410, 'events_gone']);
    await db.query('update change_head set floor = 0 where tenant = $1', [world.tenant]);
    await db.query("update change set at = now() - interval '15 days' where tenant = $1", [world.tenant]);
    expect((await get('/v1/events?object=account&after=0')).status).toBe(410);
  });

  it('gives one event whole, to whom may see it', async () => {
    const world = await openEventWorld(db);
    const { get } = await serve(world);
    await world.put(['a1', account('one', { notes: 'x'.repeat(300_000) })]);
    const whole = (await (await get('/v1/events/1?object=account')).json()) as { data: { after: { notes: string } } };
    expect(whole.data.after.notes).toHaveLength(300_000);
    world.grant({ account: { where: { name: 'other' } } });
    expect((await get('/v1/events/1?object=account')).status).toBe(404);
  });
});

describe('the last key of an agent', () => {
  it.each(['revoked', 'expired'] as const)('%s: what waits is not told until there is a key again', async (state) => {
    const world = await openEventWorld(db);
    const hook = await openReceiver<Told>((_, response) => void response.writeHead(500).end());
    ends.push(hook.stop);
    const { id } = await world.subscribe(hook.url);
    const key = { tenant: world.tenant, id };
    const worker = world.work();
    ends.push(() => worker.stop());
    await world.put(['a1', account('one')]);
    await until(async () => (await world.subscriptions.show(key)).failures === 1);
    await world.key(state);
    hook.behave((_, response) => void response.writeHead(204).end());
    await db.query('update delivery set due_at = now() where tenant = $1', [world.tenant]);
    await world.put(['a2', account('two')]);
    await until(async () => (await world.subscriptions.show(key)).state === 'disabled');
    expect((await world.subscriptions.show(key)).reason).toBe('key_ended');
    expect(world.told.filter(({ kind }) => kind === 'subscription_disabled')).toHaveLength(1);
    expect(hook.received).toHaveLength(1);
    const keyless = expect.objectContaining({ code: 'subscription_agent_keyless' });
    await expect(world.subscriptions.resume(key)).rejects.toThrow(keyless);
    await expect(world.subscribe(hook.url)).rejects.toThrow(keyless);
    await world.key('good');
    // What may not be seen any more when it is sent at last is withheld.
    world.grant({ account: { where: { name: 'two' } } });
    await world.subscriptions.resume(key);
    const states = async () =>
      (await world.subscriptions.deliveries(key, { state: null, limit: 10 })).deliveries.map((each) => each.state);
    await until(async () => (await states()).every((each) => each !== 'due') && hook.received.length === 2);
    expect(await states()).toEqual(['delivered', 'withheld']);
    expect(hook.received[1]?.json.data._ref).toBe('crm/Account/a2');
  });
});

describe('a grant that is taken back', () => {
  it('ends the delivery at the next event; what waited is not told', async () => {
    const world = await openEventWorld(db);
    const hook = await openReceiver<Told>();
    ends.push(hook.stop);
    const { id } = await world.subscribe(hook.url);
    const worker = world.work();
    ends.push(() => worker.stop());
    await world.put(['a1', account('one')]);
    await until(() => hook.received.length === 1);
    world.grant(null);
    await world.put(['a1', account('CANARY')]);
    const key = { tenant: world.tenant, id };
    await until(async () => (await world.subscriptions.show(key)).state === 'disabled');
    expect((await world.subscriptions.show(key)).reason).toBe('grant_lost');
    expect(hook.received).toHaveLength(1);
  });

  it('has been taken back, too, where no tool of it reads records any more', async () => {
    const world = await openEventWorld(db);
    const hook = await openReceiver<Told>();
    ends.push(hook.stop);
    const { id } = await world.subscribe(hook.url);
    world.grant({ account: {} }, []);
    const worker = world.work();
    ends.push(() => worker.stop());
    await world.put(['a1', account('CANARY')]);
    const key = { tenant: world.tenant, id };
    await until(async () => (await world.subscriptions.show(key)).reason === 'grant_lost');
    expect(hook.received).toEqual([]);
  });

  it('is judged anew when an event is sent, not only when it came', async () => {
    const world = await openEventWorld(db);
    const hook = await openReceiver<Told>((_, response) => void response.writeHead(500).end());
    ends.push(hook.stop);
    const { id } = await world.subscribe(hook.url);
    const worker = world.work();
    ends.push(() => worker.stop());
    await world.put(['a1', account('one', { notes: 'CANARY', segment: 'mid' })]);
    const key = { tenant: world.tenant, id };
    await until(async () => (await world.subscriptions.show(key)).failures === 1);
    world.grant({ account: { fields: ['name'], where: { segment: 'small' } } });
    await db.query('update delivery set due_at = now() where tenant = $1', [world.tenant]);
    await db.query('update subscription_turn set due_at = now() where tenant = $1', [world.tenant]);
    const states = async () => (await world.subscriptions.deliveries(key, { state: null, limit: 10 })).deliveries;
    await until(async () => (await states())[0]?.state === 'withheld');
    expect(hook.received).toHaveLength(1);
  });
});
