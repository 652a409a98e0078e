import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { limits } from '../../src/kernel/index.ts';
import { openerOf } from '../support/stores.ts';
import { changeChannel, type Db } from '../../src/store/index.ts';
import { answer, openReceiver, until, type Behaviour } from '../support/receiver.ts';
import { openEventWorld, type EventWorld, type Told } from './fixture.ts';
import type { SubscriptionWorker } from '../../src/subscriptions/index.ts';

const open = openerOf('pglite');
let db: Db;
beforeAll(async () => {
  db = await open();
});

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function receiver(behave?: Behaviour<Told>) {
  const made = await openReceiver<Told>(behave);
  ends.push(made.stop);
  return made;
}

function work(world: EventWorld, name?: string): SubscriptionWorker {
  const worker = world.work(name);
  ends.push(() => worker.stop());
  return worker;
}

const account = (name: string, more = {}) => ({ crm_id: name, name, segment: 'mid', revenue: 1, ...more });

const stateOf = async (world: EventWorld, id: number): Promise<Readonly<Record<string, string>>> => {
  const { deliveries } = await world.subscriptions.deliveries(
    { tenant: world.tenant, id },
    { state: null, limit: 1000 },
  );
  return Object.fromEntries(deliveries.map(({ recordId, state }) => [recordId, state]));
};

/** As if so much time had passed for what waits. */
async function makeDue(world: EventWorld): Promise<void> {
  await db.query('update delivery set due_at = now() where tenant = $1', [world.tenant]);
  await db.query('update subscription set rests_until = null where tenant = $1', [world.tenant]);
  await db.query('update subscription_turn set due_at = now() where tenant = $1', [world.tenant]);
  await db.query('select pg_notify($1, $2)', [changeChannel, String(world.tenant)]);
}

describe('webhooks out', () => {
  it('tells created, updated and deleted with before and after, signed as Standard Webhooks has it', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver();
    const { secret } = await world.subscribe(hook.url);
    work(world);
    await world.put(['a1', account('Nord')], ['a1', account('Nordwind')], ['a1', null], ['a1', account('Again')]);
    await until(() => hook.received.length === 4);
    expect(
      hook.received.map(({ json: event }) => [
        event.type,
        event.data.before?.['name'] ?? null,
        event.data.after?.['name'] ?? null,
      ]),
    ).toEqual([
      ['account.created', null, 'Nord'],
      ['account.updated', 'Nord', 'Nordwind'],
      ['account.deleted', 'Nordwind', null],
      ['account.created', null, 'Again'],
    ]);
    expect(hook.received[1]?.json.data.changed).toEqual(['crm_id', 'name']);
    expect(hook.received[0]?.json.data._ref).toBe('crm/Account/a1');
    for (const { headers, body } of hook.received) new Webhook(secret).verify(body, headers);
    expect(new Set(hook.received.map(({ id }) => id)).size).toBe(4);
  });

  it('signs with both secrets while they are exchanged', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver();
    const { id, secret } = await world.subscribe(hook.url);
    const next = await world.subscriptions.rotateSecret({ tenant: world.tenant, id });
    expect(next).not.toBe(secret);
    work(world);
    await world.put(['a1', account('Nord')]);
    await until(() => hook.received.length === 1);
    const [one] = hook.received;
    for (const each of [secret, next]) new Webhook(each).verify(one?.body ?? '', one?.headers ?? {});
    expect(one?.headers['webhook-signature']?.split(' ')).toHaveLength(2);
  });

  it('tells more changes than one turn and one look take, each once and in order', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver();
    await world.subscribe(hook.url);
    for (const round of ['a', 'b', 'c', 'd']) {
      const ids = Array.from({ length: 75 }, (_, at) => `r${String(at)}`);
      await world.putPage(ids.map((id) => [id, account(`${id}${round}`)]));
    }
    work(world);
    work(world);
    await until(() => hook.received.length >= 300);
    const order = hook.received.map(({ json }) => json.data.sequence);
    expect(order).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
  });

  it('passes over more changes than one look takes, to the one that is wanted', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver();
    await world.subscribe(hook.url, { filter: { name: 'wanted' } });
    const ids = Array.from({ length: limits.changesPerLookMax + 50 }, (_, at) => `r${String(at)}`);
    await world.putPage(ids.map((id) => [id, account(id)]));
    await world.put(['a1', account('wanted')]);
    work(world);
    await until(() => hook.received.length === 1);
    expect(hook.received[0]?.json.data.sequence).toBe(ids.length + 1);
  });

  it('a failing event holds the later ones of its record, and no others', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver((request, response) =>
      answer(request.json.data._ref.endsWith('/bad') ? 500 : 200)(request, response),
    );
    const { id } = await world.subscribe(hook.url);
    await world.put(
      ['bad', account('one')],
      ['good', account('two')],
      ['bad', account('three')],
      ['fine', account('four')],
    );
    work(world);
    await until(async () => (await stateOf(world, id))['fine'] === 'delivered');
    expect(hook.received.map(({ json }) => json.data.sequence)).toEqual([1, 2, 4]);
    hook.behave(answer(200));
    await makeDue(world);
    await until(() => hook.received.length === 5);
    await until(async () => (await stateOf(world, id))['bad'] === 'delivered');
    expect(hook.received.map(({ json }) => json.data.sequence)).toEqual([1, 2, 4, 1, 3]);
    expect(hook.received[3]?.id).toBe(hook.received[0]?.id);
  });

  it.each<readonly [string, Behaviour<Told>, string]>([
    ['hangs', () => undefined, 'timed_out'],
    ['drips its head', (_, response) => void response.socket?.write('HTTP/1.1 20'), 'timed_out'],
    ['resets', (_, response) => void response.socket?.destroy(), 'und_err_socket'],
    ['redirects', answer(302, { location: 'http://127.0.0.1:1/' }), 'redirect_not_followed'],
    ['answers 500', answer(500), 'refused'],
  ])('a receiver that %s is tried again', async (_, behave, cause) => {
    const world = await openEventWorld(db);
    const hook = await receiver(behave);
    const { id } = await world.subscribe(hook.url);
    await world.put(['a1', account('Nord')]);
    work(world);
    const log = async () =>
      await world.subscriptions.deliveries({ tenant: world.tenant, id }, { state: null, limit: 10 });
    await until(async () => (await log()).attempts.length === 1);
    const { deliveries, attempts } = await log();
    expect(deliveries).toMatchObject([{ state: 'due', attempts: 1 }]);
    expect(attempts).toMatchObject([{ attempt: 1, cause }]);
    hook.behave(answer(200));
    await makeDue(world);
    await until(async () => (await stateOf(world, id))['a1'] === 'delivered');
  });

  it('leaves a receiver alone for as long as its Retry-After says, with everything', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver(answer(429, { 'retry-after': '600' }));
    const { id } = await world.subscribe(hook.url);
    await world.put(['a1', account('one')], ['a2', account('two')]);
    work(world);
    const shown = () => world.subscriptions.show({ tenant: world.tenant, id });
    await until(async () => (await shown()).restsUntil !== null);
    const [{ at } = { at: new Date(0) }] = await db.query<{ at: Date }>('select now() as at');
    expect(((await shown()).restsUntil?.getTime() ?? 0) - at.getTime()).toBeGreaterThan(590_000);
    await world.put(['a3', account('three')]);
    await until(async () => {
      const [turn] = await db.query<{ rests: boolean }>(
        "select lease_by is null and due_at > now() + interval '1 second' as rests from subscription_turn where tenant = $1",
        [world.tenant],
      );
      return turn?.rests === true;
    });
    expect(hook.received).toHaveLength(1);
  });

  it('410 ends it, told once; resumed, it goes on where it stopped', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver(answer(410));
    const { id } = await world.subscribe(hook.url);
    await world.put(['a1', account('one')], ['a2', account('two')]);
    work(world);
    const key = { tenant: world.tenant, id };
    await until(async () => (await world.subscriptions.show(key)).state === 'disabled');
    expect(hook.received).toHaveLength(1);
    expect(world.told.filter(({ kind }) => kind === 'subscription_disabled')).toMatchObject([
      { reason: 'receiver_gone' },
    ]);
    hook.behave(answer(200));
    await makeDue(world);
    await world.subscriptions.resume(key);
    await until(async () => Object.values(await stateOf(world, id)).every((state) => state === 'delivered'));
    expect(hook.received.map(({ json }) => json.data.sequence)).toEqual([1, 1, 2]);
  });

  it('is dead after its last try, with its cause; replayed, it comes with the same id', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver(answer(503));
    const { id } = await world.subscribe(hook.url);
    await world.put(['a1', account('one')]);
    work(world);
    const key = { tenant: world.tenant, id };
    await until(async () => hook.received.length === 1 && (await stateOf(world, id))['a1'] === 'due');
    await until(async () => (await world.subscriptions.show(key)).failures === 1);
    await db.query('update delivery set attempts = 9 where tenant = $1', [world.tenant]);
    await makeDue(world);
    await until(async () => (await stateOf(world, id))['a1'] === 'dead');
    expect((await world.subscriptions.deliveries(key, { state: 'dead', limit: 10 })).deliveries).toMatchObject([
      { cause: 'refused' },
    ]);
    hook.behave(answer(200));
    await makeDue(world);
    expect(await world.subscriptions.replay(key, { from: 0, to: 100, all: false })).toBe(1);
    await until(async () => (await stateOf(world, id))['a1'] === 'delivered');
    expect(new Set(hook.received.map((each) => each.id)).size).toBe(1);
    expect(await world.subscriptions.replay(key, { from: 0, to: 100, all: false })).toBe(0);
    expect(await world.subscriptions.replay(key, { from: 1, to: 1, all: true })).toBe(1);
    await until(() => hook.received.length === 4);
  });

  it('is switched off after days of nothing but failures, told once', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver(answer(500));
    const { id } = await world.subscribe(hook.url);
    await db.query(
      "update subscription set failing_since = now() - interval '6 days', failures = 1 where tenant = $1",
      [world.tenant],
    );
    await world.put(['a1', account('one')]);
    work(world);
    await until(async () => (await world.subscriptions.show({ tenant: world.tenant, id })).state === 'disabled');
    expect(world.told.filter(({ kind }) => kind === 'subscription_disabled')).toMatchObject([
      { reason: 'failed_long' },
    ]);
  });

  it('goes on where a worker that vanished in the middle of an attempt had it (A: leases)', async () => {
    const world = await openEventWorld(db);
    const waiting: (() => void)[] = [];
    const hook = await receiver((request, response) => void waiting.push(() => answer(200)(request, response)));
    const { id } = await world.subscribe(hook.url);
    await world.put(['a1', account('one')]);
    const first = work(world, 'first');
    await until(() => hook.received.length === 1);
    // As if its process had been stopped for longer than its lease: another one takes over, then it wakes up.
    await db.query(
      "update subscription_turn set lease_until = now() - interval '1 second', due_at = now() where tenant = $1",
      [world.tenant],
    );
    hook.behave(answer(200));
    work(world, 'second');
    await until(async () => (await stateOf(world, id))['a1'] === 'delivered');
    for (const late of waiting) late();
    await first.stop();
    const { attempts } = await world.subscriptions.deliveries({ tenant: world.tenant, id }, { state: null, limit: 10 });
    expect(attempts).toHaveLength(1);
    expect(hook.received[0]?.id).toBe(hook.received[1]?.id);
  });

  it('sends no body beyond the bound, but where to fetch it', async () => {
    const world = await openEventWorld(db);
    const hook = await receiver();
    await world.subscribe(hook.url);
    await world.put(['a1', account('Nord', { notes: 'x'.repeat(300_000) })]);
    work(world);
    await until(() => hook.received.length === 1);
    expect(hook.received[0]?.json.data).toMatchObject({
      before: null,
      after: null,
      too_large: true,
      fetch: 'https://gantry.example/v1/events/1?object=account',
    });
  });

  it('a receiver that hangs at one customer holds up no other', async () => {
    const [stuck, other] = [await openEventWorld(db), await openEventWorld(db)];
    const [dead, live] = [await receiver(() => undefined), await receiver()];
    for (let count = 0; count < 20; count += 1) await stuck.subscribe(dead.url);
    await other.subscribe(live.url);
    await stuck.put(['a1', account('one')]);
    await other.put(['a1', account('one')]);
    work(stuck);
    await until(() => live.received.length === 1);
    expect(dead.received.length).toBeLessThanOrEqual(4);
  });
});
