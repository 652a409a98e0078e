import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ProviderAccess, RegisteredWebhook, WebhookRegistration } from '../../src/connectors/index.ts';
import {
  keepRegistrations,
  takeRegistrationTurn,
  wantRegistration,
  type RegistrationDeps,
  type RegistrationLogEvent,
  type WebhookWish,
} from '../../src/inbox/index.ts';
import { GantryError, limits, systemClock, systemRandom, type JsonObject } from '../../src/kernel/index.ts';
import {
  addConnection,
  addTenant,
  addWebhook,
  ensureStream,
  findWebhook,
  listStreams,
  noteHeard,
  readRegistration,
  readWebhook,
  removeWebhook,
  rotateWebhookSecret,
  type Db,
  type InboxKey,
  type RegistrationRow,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

const access: ProviderAccess = {
  apiUrl: 'https://provider.example.com',
  token: () => Promise.reject(new Error('nobody calls')),
  renew: () => Promise.reject(new Error('nobody calls')),
};
const refused = new GantryError('webhook_registration_refused', { message: 'The user may not.' });

/** A provider's memory of who is to be called, as its API would change it. */
function provider() {
  const there = new Map<string, WebhookRegistration>();
  const asked: WebhookRegistration[] = [];
  return {
    there,
    asked,
    fails: null as Error | null,
    expiresAt: null as Date | null,
    secret: undefined as string | undefined,
    /** Called while an answer is under way. */
    during: async (): Promise<void> => undefined,
    async register(_access: ProviderAccess, request: WebhookRegistration): Promise<RegisteredWebhook> {
      asked.push(request);
      await this.during();
      if (this.fails !== null) throw this.fails;
      there.set(request.url, request);
      const secret = this.secret === undefined ? {} : { secret: this.secret };
      return { reference: { url: request.url }, objects: request.objects, expiresAt: this.expiresAt, ...secret };
    },
    async remove(_access: ProviderAccess, { url }: JsonObject): Promise<void> {
      if (this.fails !== null) throw this.fails;
      there.delete(String(url));
    },
  };
}

describeEachStore('what is registered with providers', (open) => {
  let db: Db;
  let key: InboxKey;
  let remote: ReturnType<typeof provider>;
  let wish: WebhookWish;
  let log: RegistrationLogEvent[];
  let count = 0;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    db = await open();
  });
  beforeEach(async () => {
    count += 1;
    const tenant = await addTenant(db, { slug: `t${String(count)}`, at: new Date('2026-01-01') });
    key = await db.tenantTx(tenant, async (tx) => {
      const row = { tenant, slug: 'support', integration: 'support', provider: 'zendesk', state: 'working' };
      const connection = await addConnection(tx, row);
      await ensureStream(tx, { tenant, connection, object: 'tickets', everyS: 60 });
      await tx.query(`update stream set due_at = $2 where tenant = $1`, [tenant, new Date('2100-01-01')]);
      return { tenant, connection };
    });
    remote = provider();
    wish = wished('1');
    log = [];
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  const wished = (version: string, objects: readonly string[] = ['tickets']): WebhookWish => ({
    kind: 'register',
    target: { registrar: bound(), access, objects, version, obstacle: null },
  });
  const bound = () => ({
    register: (...args: Parameters<typeof remote.register>) => remote.register(...args),
    remove: (...args: Parameters<typeof remote.remove>) => remote.remove(...args),
  });
  const never = (): WebhookWish => ({ kind: 'never', provider: { registrar: bound(), access } });

  const deps = (): RegistrationDeps => ({
    db,
    clock: systemClock,
    random: systemRandom,
    wishOf: async () => wish,
    addressOf: (at) =>
      db.tenantTx(at.tenant, async (tx) => {
        await addWebhook(tx, at, {
          address: `address-of-${String(at.connection)}-${count}`,
          secret: Buffer.from('ours'),
        });
        const row = await readWebhook(tx, at);
        return { url: `https://gantry.example.com/hooks/${row?.address ?? ''}`, secret: textOf(row?.secret) };
      }),
    keepSecret: async (tx, at, secret) => {
      await rotateWebhookSecret(tx, at, { secret: Buffer.from(secret), previousUntil: tx.now });
    },
    forgetAddress: removeWebhook,
    onEvent: (event) => log.push(event),
    wakeSync: () => undefined,
  });
  const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

  const want = (version: string | null): Promise<boolean> =>
    db.tenantTx(key.tenant, (tx) => wantRegistration(tx, key, version));
  const turn = (holder = 'one'): Promise<void> =>
    takeRegistrationTurn(deps(), { ...key, holder }, new AbortController().signal);
  const row = (): Promise<RegistrationRow | null> => readRegistration(db, key);
  /** As if so much time had passed. */
  const passed = (ms: number): Promise<unknown> =>
    db.query(
      `update webhook_registration set due_at = due_at - $3::int * interval '1 millisecond',
         proved_at = proved_at - $3::int * interval '1 millisecond',
         expires_at = expires_at - $3::int * interval '1 millisecond'
       where tenant = $1 and connection = $2`,
      [key.tenant, key.connection, ms],
    );

  it('registers once, and makes the streams due of which nothing was told before', async () => {
    expect(await want('1')).toBe(true);
    expect(await want('1')).toBe(false);
    await turn();
    expect(await row()).toMatchObject({ state: 'registered', objects: ['tickets'], version: '1', failures: 0 });
    expect([...remote.there.values()]).toMatchObject([{ objects: ['tickets'], secret: 'ours', before: null }]);
    const [stream] = await db.tenantRead(key.tenant, (tx) => listStreams(tx, key.tenant));
    expect(stream?.dueAt.getFullYear()).toBeLessThan(2100);
    expect(await want('1')).toBe(false);
    await turn();
    expect(remote.asked).toHaveLength(1);
  });

  it('does not ask the provider again before it is time, and then asks whether it is still there', async () => {
    await want('1');
    await turn();
    await passed(limits.webhookWishEveryMs);
    await turn();
    expect(remote.asked).toHaveLength(1);
    await passed(limits.webhookProveEveryMs);
    remote.there.clear();
    await turn();
    expect(remote.asked).toHaveLength(2);
    expect(remote.asked[1]?.before).toEqual({ url: remote.asked[0]?.url });
    expect(remote.there.size).toBe(1);
  });

  it('renews what ends, a day before', async () => {
    remote.expiresAt = new Date(Date.now() + 2 * limits.webhookRenewAheadMs);
    await want('1');
    await turn();
    await passed(limits.webhookWishEveryMs);
    await turn();
    expect(remote.asked).toHaveLength(1);
    await db.query('update webhook_registration set expires_at = $1, due_at = $2', [
      new Date(Date.now() + limits.webhookRenewAheadMs - 60_000),
      new Date(0),
    ]);
    await turn();
    expect(remote.asked).toHaveLength(2);
    expect((await row())?.expiresAt).toEqual(remote.expiresAt);
  });

  it('registers anew when objects or the sign-in change', async () => {
    await want('1');
    await turn();
    wish = wished('2', ['tickets', 'users']);
    expect(await want('2')).toBe(true);
    expect(await row()).toMatchObject({ state: 'wanted' });
    await turn();
    expect(await row()).toMatchObject({ state: 'registered', version: '2', objects: ['tickets', 'users'] });
  });

  it('keeps the secret that the provider chooses', async () => {
    remote.secret = 'theirs';
    await want('1');
    await turn();
    const webhook = await db.tenantRead(key.tenant, (tx) => readWebhook(tx, key));
    expect([textOf(webhook?.secret), textOf(webhook?.previousSecret ?? undefined)]).toEqual(['theirs', 'ours']);
  });

  it('says why it failed, waits longer each time, and is not set going by the same wish', async () => {
    remote.fails = refused;
    await want('1');
    const waits: number[] = [];
    for (let at = 0; at < 8; at += 1) {
      await turn();
      const failed = await row();
      expect(failed).toMatchObject({ state: 'failed', failures: at + 1, lastError: { code: refused.code } });
      waits.push((failed?.dueAt.getTime() ?? 0) - Date.now());
      expect(await want('1')).toBe(false);
      await passed(limits.webhookRetryMaxMs);
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(limits.webhookRetryMaxMs);
    expect(waits[7]).toBeGreaterThan((waits[0] ?? 0) * 10);
    expect(log).toContainEqual(expect.objectContaining({ kind: 'webhook_registration_failed', code: refused.code }));
    remote.fails = null;
    await turn();
    expect(await row()).toMatchObject({ state: 'registered', failures: 0, lastError: null });
  });

  it('does not ask a provider that could not call us', async () => {
    const obstacle = new GantryError('webhook_address_unreachable', { message: 'Providers cannot call this.' });
    wish = { kind: 'register', target: { registrar: bound(), access, objects: ['tickets'], version: '1', obstacle } };
    await want('1');
    await turn();
    expect(remote.asked).toEqual([]);
    expect(await row()).toMatchObject({ state: 'failed', lastError: { code: 'webhook_address_unreachable' } });
  });

  it('leaves it as it is while the connection is paused', async () => {
    await want('1');
    await turn();
    await passed(limits.webhookProveEveryMs);
    wish = { kind: 'not_now' };
    await turn();
    expect(await row()).toMatchObject({ state: 'registered' });
    expect(remote.asked).toHaveLength(1);
  });

  it('is taken back when nobody wants it, and the address is nobody’s', async () => {
    await want('1');
    await turn();
    const address = (await db.tenantRead(key.tenant, (tx) => readWebhook(tx, key)))?.address ?? '';
    expect(await findWebhook(db, address)).toEqual(key);
    wish = never();
    expect(await want(null)).toBe(true);
    expect(await want(null)).toBe(false);
    await turn();
    expect([...remote.there]).toEqual([]);
    expect(await row()).toBe(null);
    expect(await findWebhook(db, address)).toBe(null);
  });

  it('gives up telling a provider that does not answer, and turns away what it still sends', async () => {
    await want('1');
    await turn();
    wish = never();
    await want(null);
    remote.fails = new Error('away');
    for (let at = 1; at < limits.webhookRemoveTriesMax; at += 1) {
      await turn();
      expect(await row()).toMatchObject({ state: 'removing', failures: at });
      await passed(limits.webhookRetryMaxMs);
    }
    await turn();
    expect(await row()).toBe(null);
    expect(await db.tenantRead(key.tenant, (tx) => readWebhook(tx, key))).toBe(null);
    expect(log.at(-1)).toMatchObject({ kind: 'webhook_taken_back', told: false });
  });

  it('is taken back, with its address, where the answer to registering was lost', async () => {
    const { register } = remote;
    remote.register = async (...args) => {
      await register.apply(remote, args);
      throw new Error('the answer was lost');
    };
    await want('1');
    await turn();
    expect(await row()).toMatchObject({ state: 'failed', objects: [] });
    expect(remote.there.size).toBe(1);
    wish = never();
    await want(null);
    await turn();
    expect(remote.there.size).toBe(0);
    expect(await row()).toBe(null);
    expect(await db.tenantRead(key.tenant, (tx) => readWebhook(tx, key))).toBe(null);
  });

  it('is taken back where the process stopped while it was registered', async () => {
    const stopping = new AbortController();
    const { register } = remote;
    remote.register = async (...args) => {
      await register.apply(remote, args);
      stopping.abort(new Error('the process stops'));
      return new Promise(() => undefined);
    };
    await want('1');
    await takeRegistrationTurn(deps(), { ...key, holder: 'first' }, stopping.signal);
    expect(remote.there.size).toBe(1);
    wish = never();
    await want(null);
    await turn();
    expect(remote.there.size).toBe(0);
    expect(await db.tenantRead(key.tenant, (tx) => readWebhook(tx, key))).toBe(null);
  });

  it('is told several times to forget us, however often registering failed before', async () => {
    await want('1');
    await turn();
    remote.fails = refused;
    wish = wished('2');
    await want('2');
    for (let at = 0; at < limits.webhookRemoveTriesMax; at += 1) {
      await turn();
      await passed(limits.webhookRetryMaxMs);
    }
    expect(await row()).toMatchObject({ state: 'failed', failures: limits.webhookRemoveTriesMax });
    wish = never();
    await turn();
    expect(await row()).toMatchObject({ state: 'removing', failures: 1 });
    remote.fails = null;
    await passed(limits.webhookRetryMaxMs);
    await turn();
    expect(remote.there.size).toBe(0);
  });

  it('takes back what was made before the provider refused the rest, unless it called already', async () => {
    const { register } = remote;
    remote.register = async (...args) => {
      await register.apply(remote, args);
      throw refused;
    };
    await want('1');
    await turn();
    expect(remote.there.size).toBe(0);
    expect(await row()).toMatchObject({ state: 'failed', reference: null });
    await passed(limits.webhookRetryMaxMs);
    // The provider cannot be told now: it is remembered, and told when nobody wants it any more.
    remote.remove = () => Promise.reject(new GantryError('upstream_unavailable', { message: 'It is away.' }));
    await turn();
    expect(await row()).toMatchObject({ state: 'failed', reference: { url: [...remote.there.keys()][0] } });
    await db.query('update webhook_registration set reference = null where tenant = $1', [key.tenant]);
    remote.remove = async () => remote.there.clear();
    await db.tenantTx(key.tenant, (tx) => noteHeard(tx, key));
    await passed(limits.webhookRetryMaxMs);
    await turn();
    expect(remote.there.size).toBe(1);
    expect(await row()).toMatchObject({ state: 'failed', reference: null });
  });

  it('leaves an address that a person entered where registering never worked', async () => {
    remote.fails = refused;
    await want('1');
    await turn();
    wish = never();
    await want(null);
    await turn();
    expect(await row()).toBe(null);
    expect(await db.tenantRead(key.tenant, (tx) => readWebhook(tx, key))).not.toBe(null);
  });

  it('X: a process that dies in its turn is followed by another, which asks again', async () => {
    await want('1');
    remote.during = () => Promise.reject(new Error('the process died'));
    const { db: real } = deps();
    // What it would have kept never reaches the database.
    const died = takeRegistrationTurn(
      {
        ...deps(),
        db: {
          ...real,
          tenantTx: (tenant, work, place) =>
            place === 'inbox.keep_refusal' ? Promise.reject(new Error('died')) : real.tenantTx(tenant, work, place),
        },
      },
      { ...key, holder: 'first' },
      new AbortController().signal,
    );
    await expect(died).rejects.toThrow('died');
    remote.during = async () => undefined;
    await turn('second');
    expect(remote.asked).toHaveLength(1);
    await passed(limits.webhookLeaseMs);
    await turn('second');
    expect(await row()).toMatchObject({ state: 'registered' });
  });

  it('what is agreed while the wish changes is not kept, and goes where nobody wants it', async () => {
    await want('1');
    remote.during = async () => {
      await db.query('delete from webhook_registration where tenant = $1', [key.tenant]);
    };
    await turn();
    expect(await row()).toBe(null);
    expect([...remote.there]).toEqual([]);
  });

  it('is one webhook in the end where two processes made one each, as the wish changed', async () => {
    remote.fails = refused;
    await want('1');
    await turn();
    await passed(limits.webhookRetryMs);
    const made = new Map<string, string>();
    let calls = 0;
    remote.register = async (_access, { url, objects, before }) => {
      calls += 1;
      const known = String(before?.['id'] ?? '');
      const id = made.has(known) ? known : `webhook-${calls}`;
      made.set(id, url);
      await remote.during();
      return { reference: { id }, objects, expiresAt: null };
    };
    remote.remove = async (_access, { id }) => void made.delete(String(id));
    remote.during = async () => {
      remote.during = async () => undefined;
      wish = wished('2');
      await want('2');
      await turn('two');
    };
    await turn('one');
    expect([...made.keys()]).toEqual(['webhook-2']);
    await passed(limits.webhookRetryMs);
    await turn('two');
    expect(await row()).toMatchObject({ state: 'registered', version: '2', reference: { id: 'webhook-2' } });
    expect([...made.keys()]).toEqual(['webhook-2']);
  });

  it('is registered by one of several processes', async () => {
    await db.query('delete from webhook_registration');
    const kept = ['one', 'two', 'three'].map((name) => keepRegistrations({ ...deps(), name }));
    for (const each of kept) stops.push(() => each.stop());
    await want('1');
    for (const each of kept) each.wake();
    await expect.poll(async () => (await row())?.state, { timeout: 120_000 }).toBe('registered');
    expect(remote.asked).toHaveLength(1);
  });
});
