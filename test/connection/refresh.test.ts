import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  inRenewalTurn,
  providerAccess,
  type ConnectionDeps,
  type ConnectionLogEvent,
} from '../../src/connection/index.ts';
import { createTokenStore } from '../../src/connection/token-store.ts';
import { systemClock, systemRandom, type ConnectionId, type TenantId } from '../../src/kernel/index.ts';
import { addConnection, addTenant, findConnection, migrate, openPostgres, type Db } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import type { RefreshOrder } from '../support/refresh-process.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';
import { tokenConnector } from '../support/token-connector.ts';
import { refreshProcess, type Said } from './refresh-fixture.ts';

/*
 * Real processes on one PostgreSQL, and an authorization server that ends the
 * grant when a refresh token is used twice. GANTRY_LONG=1: 50 processes, and a
 * token endpoint that takes 30 s.
 */
const long = process.env['GANTRY_LONG'] === '1';
const PROCESSES = long ? 50 : 8;
const SLOW_MS = long ? 30_000 : 1_000;

describe('renewing one sign-in in many processes', () => {
  let postgres: PostgresServer;
  let tokens: TokenServer;
  let db: Db;
  let deps: ConnectionDeps;
  const masterKey = systemRandom.bytes(32);
  const events: ConnectionLogEvent[] = [];

  beforeAll(async () => {
    [postgres, tokens] = await Promise.all([
      startPostgres({ settings: ['max_connections = 300', 'fsync = off'] }),
      startTokenServer(),
    ]);
    db = await openPostgres({ connectionString: postgres.url });
    await migrate(db);
    const vault = createVault({ masterKey, random: systemRandom });
    deps = { db, vault, clock: systemClock, random: systemRandom, onEvent: (event) => events.push(event) };
  }, 300_000);
  afterAll(async () => {
    await db.close();
    await tokens.stop();
    await postgres.stop();
  });

  let count = 0;
  /** A signed-in connection whose access token is no good any more. */
  const connected = async (): Promise<{ tenant: TenantId; connection: ConnectionId; order: RefreshOrder }> => {
    count += 1;
    const tenant = await addTenant(db, { slug: `t${String(count)}`, at: new Date('2026-01-01') });
    const refreshToken = await tokens.grant();
    const connection = await db.tenantTx(tenant, async (tx) => {
      const row = { tenant, slug: 'crm', integration: 'crm', provider: 'tokens', state: 'working' };
      const id = await addConnection(tx, row);
      const set = { accessToken: 'stale', refreshToken, expiresInS: 3_600, scope: null, apiUrl: tokens.url };
      await createTokenStore(deps.vault).save(tx, { tenant, connection: id }, set, { loginUrl: '', entered: null });
      return id;
    });
    const order: RefreshOrder = {
      databaseUrl: postgres.url,
      masterKey: Buffer.from(masterKey).toString('hex'),
      tenant,
      connection,
      loginUrl: tokens.url,
      client: tokens.client,
      generation: 1,
    };
    return { tenant, connection, order };
  };
  const sessionOf = ({ tenant, connection }: { tenant: TenantId; connection: ConnectionId }, part = '') =>
    providerAccess(deps, {
      tenant,
      connection,
      slug: 'crm',
      integration: 'crm',
      apiUrl: tokens.url,
      connector: tokenConnector(part),
      app: { clientId: tokens.client.id, clientSecret: tokens.client.secret, loginUrl: tokens.url },
    });
  const allSay = async (order: RefreshOrder, howMany: number): Promise<(Said | null)[]> => {
    const all = Array.from({ length: howMany }, () => refreshProcess(order));
    await Promise.all(all.map((each) => each.ready));
    for (const each of all) each.go();
    return Promise.all(all.map((each) => each.said));
  };

  it(
    `A1, A3: asks a slow provider once per generation for ${String(PROCESSES)} processes, and all get its answer`,
    async () => {
      const { order, ...at } = await connected();
      const before = tokens.calls();
      tokens.setDelays({ before: SLOW_MS });
      const said = await allSay(order, PROCESSES);
      tokens.setDelays({});
      expect(tokens.calls() - before).toBe(1);
      expect(new Set(said.map((each) => JSON.stringify(each))).size).toBe(1);
      const [first] = said;
      if (first === null || first === undefined || !('accessToken' in first)) throw new Error(JSON.stringify(first));
      expect(first.generation).toBe(2);
      expect(await tokens.isGood(first.accessToken)).toBe(true);
      // The grant is alive: the next generation comes of it.
      const next = await sessionOf(at).renew(2);
      expect(next.generation).toBe(3);
      expect(await tokens.isGood(next.accessToken)).toBe(true);
      expect(tokens.calls() - before).toBe(2);
    },
    long ? 240_000 : 60_000,
  );

  it('A2: a process that dies before it asks costs nothing', async () => {
    const { order, ...at } = await connected();
    const [said] = await allSay({ ...order, crashAt: 'connector.token.before_send' }, 1);
    expect(said).toBeNull();
    const next = await sessionOf(at).renew(1);
    expect(await tokens.isGood(next.accessToken)).toBe(true);
  }, 300_000);

  it.each([
    ['with the answer in its hand', 'connector.token.after_send'],
    ['before it kept the answer', 'connection.keep_tokens.before_commit'],
  ])(
    'A2: a process that dies %s loses the grant, which is said once and with the reason',
    async (_, crashAt) => {
      const { order, ...at } = await connected();
      expect(await allSay({ ...order, crashAt }, 1)).toEqual([null]);
      events.length = 0;
      const calls = tokens.calls();
      const refusals = await Promise.allSettled(Array.from({ length: 5 }, () => sessionOf(at).renew(1)));
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ status: 'rejected', reason: { code: 'connection_reauth_required' } });
      }
      expect(tokens.calls() - calls).toBe(1);
      const row = await db.tenantRead(at.tenant, (tx) => findConnection(tx, at.tenant, 'crm'));
      expect(row?.state).toBe('reauth_required');
      expect(row?.lastError?.message).toMatch(/a renewal begun at \d{4}-.*was cut off/);
      expect(events.filter((event) => event.kind === 'connection_state_changed')).toHaveLength(1);
    },
    30_000,
  );

  it('A2: a process that dies after it kept the answer leaves it to the others', async () => {
    const { order, ...at } = await connected();
    const calls = tokens.calls();
    expect(await allSay({ ...order, crashAt: 'connection.keep_tokens.after_commit' }, 1)).toEqual([null]);
    expect((await sessionOf(at).renew(1)).generation).toBe(2);
    expect(tokens.calls() - calls).toBe(1);
  }, 300_000);

  it('A2: SIGKILL while the provider works on it lets the next one in at once', async () => {
    const { order, ...at } = await connected();
    tokens.setDelays({ before: 60_000 });
    const calls = tokens.calls();
    const dying = refreshProcess(order);
    await dying.ready;
    dying.go();
    while (tokens.calls() === calls) await sleep(10);
    tokens.setDelays({});
    dying.child.kill('SIGKILL');
    expect((await sessionOf(at).renew(1)).generation).toBe(2);
  }, 300_000);

  it('X1: a database that restarts while the provider answers costs no grant', async () => {
    const at = await connected();
    const session = sessionOf(at);
    await session.token();
    const calls = tokens.calls();
    tokens.setDelays({ before: 500 });
    const renewing = session.renew(1);
    while (tokens.calls() === calls) await sleep(10);
    await postgres.down();
    await sleep(1_000);
    await postgres.up();
    tokens.setDelays({});
    const token = await renewing;
    expect(token.generation).toBe(2);
    expect(tokens.calls() - calls).toBe(1);
    expect((await sessionOf(at).token()).accessToken).toBe(token.accessToken);
    expect((await sessionOf(at).renew(2)).generation).toBe(3);
  }, 300_000);

  it('says that somebody else is at it, where that takes too long', async () => {
    const at = await connected();
    const key = { ...at, principal: '' };
    await inRenewalTurn(deps, key, 'crm', async () => {
      const other = await openPostgres({ connectionString: postgres.url });
      try {
        const waiting = inRenewalTurn({ db: other, clock: systemClock, waitMs: 300 }, key, 'crm', async () => 'in');
        await expect(waiting).rejects.toMatchObject({ code: 'sign_in_busy' });
        // The same in one process.
        const here = inRenewalTurn({ db, clock: systemClock, waitMs: 300 }, key, 'crm', async () => 'in');
        await expect(here).rejects.toMatchObject({ code: 'sign_in_busy' });
        const others = inRenewalTurn(
          { db, clock: systemClock, waitMs: 300 },
          { ...key, principal: 'ada' },
          'crm',
          async () => 'in',
        );
        expect(await others).toBe('in');
      } finally {
        await other.close();
      }
    });
    expect(await inRenewalTurn({ ...deps, waitMs: 300 }, key, 'crm', async () => 'in')).toBe('in');
  });

  it('A3: renewals of many tenants leave the pool to everybody else', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => connected()));
    tokens.setDelays({ before: 1_000 });
    const renewing = all.map((at) => sessionOf(at).renew(1));
    const one = all[0];
    if (one === undefined) throw new Error('nobody is connected');
    for (let read = 0; read < 20; read += 1) {
      expect(await db.tenantRead(one.tenant, (tx) => findConnection(tx, one.tenant, 'crm'))).not.toBeNull();
    }
    // Still under way: none of the reads waited for them.
    expect(await Promise.race([Promise.any(renewing).then(() => 'through'), Promise.resolve('under way')])).toBe(
      'under way',
    );
    expect((await Promise.all(renewing)).every((token) => token.generation === 2)).toBe(true);
    tokens.setDelays({});
  }, 300_000);
});
