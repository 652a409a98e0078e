import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AlertWorker } from '../../src/alerts/index.ts';
import type { Db } from '../../src/store/index.ts';
import { answer, openReceiver, until, type Behaviour } from '../support/receiver.ts';
import { openerOf } from '../support/stores.ts';
import { newSecret, openAlertWorld, route, type AlertWorld } from './fixture.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const open = openerOf('pglite');
let db: Db;
beforeAll(async () => {
  db = await open();
});

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  // Worlds share the database, and a worker works for all its tenants: nothing is wrong with the earlier ones any more.
  await db.query('delete from alert');
  await db.query('delete from alert_turn');
  await db.query(`update connection set state = 'working'`);
});

async function receiver(behave?: Behaviour) {
  const made = await openReceiver(behave);
  ends.push(made.stop);
  return made;
}

function work(world: AlertWorld): AlertWorker {
  const worker = world.work();
  ends.push(() => worker.stop());
  return worker;
}

/** One route, to a receiver of its own. */
async function withHook(world: AlertWorld, behave?: Behaviour, more: Parameters<typeof route>[1] = {}) {
  const hook = await receiver(behave);
  const secret = newSecret();
  world.routes.set('ops', route('ops', more));
  world.urls.set('ops', hook.url);
  world.secrets.set('ops', secret);
  return { ...hook, secret };
}

const types = (hook: { readonly received: readonly { readonly json: { readonly [key: string]: unknown } }[] }) =>
  hook.received.map(({ json }) => json['type']);

/** What is kept, of one tenant. */
async function noticesOf(world: AlertWorld) {
  const list = await world.alerts.list(world.tenant, { resolved: true, limit: 100 });
  return list.flatMap(({ notices }) => notices);
}

/** Once the alert that is there knows that its problem is gone, or back. */
const goneIs = (world: AlertWorld, gone: boolean): Promise<void> =>
  until(async () => {
    const [alert] = await world.alerts.list(world.tenant, { resolved: false, limit: 9 });
    return alert !== undefined && (alert.row.goneAt !== null) === gone;
  });

/** The look after this moment is over. */
async function looked(world: AlertWorld): Promise<void> {
  const mark = async (): Promise<number> => {
    const [row] = await db.query<{ at: Date | null }>(
      'select due_at as at from alert_turn where tenant = $1 and lease_by is null and due_at > now()',
      [world.tenant],
    );
    return row?.at?.getTime() ?? 0;
  };
  await until(async () => (await mark()) > 0);
}

describe('a problem is told once, signed, and told to be over', () => {
  it('A4: the provider ended the grant: one alert, however often it is looked at', async () => {
    const world = await openAlertWorld(db);
    const hook = await withHook(world);
    work(world);
    await looked(world);
    await world.connectionIs('grant_ended');
    await until(() => hook.received.length === 1);
    for (let look = 0; look < 3; look += 1) {
      await world.pass(0);
      await looked(world);
    }
    expect(types(hook)).toEqual(['alert.opened']);
    const [one] = hook.received;
    new Webhook(hook.secret).verify(one?.body ?? '', one?.headers ?? {});
    expect(one?.json['data']).toMatchObject({
      tenant: world.slug,
      topic: 'connection.sign_in',
      severity: 'critical',
      who_can_fix: 'tenant_admin',
      title: expect.stringContaining('crm'),
    });
    expect(world.told.filter(({ kind }) => kind === 'alert_opened')).toHaveLength(1);

    await world.connectionIs('consent_given');
    await goneIs(world, true);
    expect(types(hook)).toEqual(['alert.opened']);
    await world.pass(6 * MINUTE);
    await until(() => hook.received.length === 2);
    expect(types(hook)).toEqual(['alert.opened', 'alert.resolved']);
    expect(await world.alerts.list(world.tenant, { resolved: false, limit: 9 })).toEqual([]);
  });

  it('what comes back soon is the same alert; what comes back often has to be away for longer', async () => {
    const world = await openAlertWorld(db);
    const hook = await withHook(world);
    work(world);
    await world.connectionIs('grant_ended');
    await until(() => hook.received.length === 1);
    for (let turn = 0; turn < 3; turn += 1) {
      await world.connectionIs('consent_given');
      await goneIs(world, true);
      await world.connectionIs('grant_ended');
      await goneIs(world, false);
    }
    expect(types(hook)).toEqual(['alert.opened']);

    // Over, and here again: a second alert, whose end is believed later than the first one's.
    await world.connectionIs('consent_given');
    await goneIs(world, true);
    await world.pass(6 * MINUTE);
    await until(() => hook.received.length === 2);
    await world.connectionIs('grant_ended');
    await until(() => hook.received.length === 3);
    await world.connectionIs('consent_given');
    await goneIs(world, true);
    await world.pass(6 * MINUTE);
    await looked(world);
    expect(types(hook)).toEqual(['alert.opened', 'alert.resolved', 'alert.opened']);
    await world.pass(5 * MINUTE);
    await until(() => hook.received.length === 4);
    expect(new Set(hook.received.map(({ id }) => id)).size).toBe(4);
  });

  it('reminds by the database’s time, until somebody acknowledges it', async () => {
    const world = await openAlertWorld(db);
    const hook = await withHook(world);
    work(world);
    await world.connectionIs('grant_ended');
    await until(() => hook.received.length === 1);
    await world.pass(HOUR);
    await until(() => hook.received.length === 2);
    await world.pass(HOUR);
    await until(() => hook.received.length === 3);
    expect(types(hook)).toEqual(['alert.opened', 'alert.reminder', 'alert.reminder']);

    const [{ row } = { row: null }] = await world.alerts.list(world.tenant, { resolved: false, limit: 9 });
    const acknowledged = await world.alerts.acknowledge(world.tenant, row?.id ?? 0, {
      name: 'lena',
      note: 'called them',
    });
    expect(acknowledged.row.acknowledged).toMatchObject({ by: 'lena', note: 'called them' });
    await world.pass(3 * HOUR);
    await looked(world);
    expect(hook.received).toHaveLength(3);
    await expect(world.alerts.acknowledge(world.tenant, 4711, { name: 'lena', note: null })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('a message that does not arrive', () => {
  it('is sent again under the same id', async () => {
    const world = await openAlertWorld(db);
    const hook = await withHook(world, answer(503));
    work(world);
    await world.connectionIs('grant_ended');
    await until(() => hook.received.length === 1);
    await until(async () => (await noticesOf(world))[0]?.cause === 'refused');
    hook.behave(answer(200));
    await world.pass(MINUTE);
    await until(() => hook.received.length === 2);
    expect(hook.received[0]?.id).toBe(hook.received[1]?.id);
    await until(async () => (await noticesOf(world))[0]?.state === 'sent');
    expect(world.told.filter(({ kind }) => kind === 'alert_not_sent')).toHaveLength(1);
  });

  it('of a route without an address waits until it has one', async () => {
    const world = await openAlertWorld(db);
    const hook = await receiver();
    world.routes.set('ops', route('ops', { to: { kind: 'slack' } }));
    work(world);
    await world.connectionIs('grant_ended');
    await until(async () => (await noticesOf(world))[0]?.cause === 'route_unset');
    world.urls.set('ops', hook.url);
    await world.pass(MINUTE);
    await until(() => hook.received.length === 1);
    expect(Object.keys(hook.received[0]?.json ?? {})).toEqual(['text']);
    expect(hook.received[0]?.json['text']).toContain(`CRITICAL ${world.slug}: crm: somebody has to sign in again`);
  });

  it('holds up no other route', async () => {
    const world = await openAlertWorld(db, { timeoutMs: 1_000 });
    const hangs = await receiver(() => undefined);
    const hook = await withHook(world);
    world.routes.set('slow', route('slow', { to: { kind: 'slack' } }));
    world.urls.set('slow', hangs.url);
    work(world);
    await world.connectionIs('grant_ended');
    await until(() => hangs.received.length === 1 && hook.received.length === 1);
    await until(async () => (await noticesOf(world)).some(({ cause }) => cause === 'timed_out'));
  });

  it('a redirect is not followed', async () => {
    const world = await openAlertWorld(db);
    const elsewhere = await receiver();
    await withHook(world, answer(302, { location: elsewhere.url }));
    work(world);
    await world.connectionIs('grant_ended');
    await until(async () => (await noticesOf(world))[0]?.cause === 'redirect_not_followed');
    expect(elsewhere.received).toEqual([]);
  });
});

describe('routes', () => {
  it('a new route learns of what is open, and each is told once', async () => {
    const world = await openAlertWorld(db);
    const hook = await receiver();
    work(world);
    await world.connectionIs('grant_ended');
    await until(async () => (await world.alerts.list(world.tenant, { resolved: false, limit: 9 })).length === 1);
    expect(await noticesOf(world)).toEqual([]);
    world.routes.set('late', route('late', { to: { kind: 'slack' } }));
    world.urls.set('late', hook.url);
    for (let look = 0; look < 3; look += 1) {
      await world.pass(0);
      await looked(world);
    }
    await until(() => hook.received.length === 1);
    expect(await noticesOf(world)).toHaveLength(1);
  });

  it('facts that cannot be told neither begin nor end anything', async () => {
    const world = await openAlertWorld(db);
    world.facts({ vault: { unreadable: 1, underOtherMaster: 0 } });
    work(world);
    const states = async () =>
      (await world.alerts.list(world.tenant, { resolved: true, limit: 9 })).map(({ row }) => [row.topic, row.state]);
    await until(async () => (await states()).length === 1);
    world.facts({ vault: null });
    await world.pass(10 * MINUTE);
    await looked(world);
    expect(await states()).toEqual([['vault.unreadable', 'open']]);
    world.facts({ vault: { unreadable: 0, underOtherMaster: 0 } });
    await world.pass(0);
    await until(async () => (await states())[0]?.[1] === 'clearing');
  });

  it('are tried out with one message, and say what they lack', async () => {
    const world = await openAlertWorld(db);
    const hook = await receiver();
    world.routes.set('chat', route('chat', { to: { kind: 'slack' } }));
    await expect(world.alerts.test('chat')).rejects.toMatchObject({
      code: 'alert_route_unset',
      details: { where: 'GANTRY_ALERT_CHAT_URL' },
    });
    await expect(world.alerts.test('caht')).rejects.toMatchObject({
      code: 'alert_route_unknown',
      details: { suggestions: ['chat'] },
    });
    world.urls.set('chat', hook.url);
    expect(await world.alerts.test('chat')).toMatchObject({ status: 204, cause: null });
    expect(hook.received[0]?.json['text']).toContain('Test: messages by route chat arrive');
    world.urls.set('chat', 'http://10.0.0.1/hook');
    expect(await world.alerts.test('chat')).toMatchObject({ status: null, cause: 'address_refused' });
  });
});
