import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { providerAccess, type ConnectionDeps } from '../../src/connection/index.ts';
import { createTokenStore } from '../../src/connection/token-store.ts';
import { createTurnstile } from '../../src/connection/turnstile.ts';
import type { ProviderAccess } from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type ConnectionId, type TenantId } from '../../src/kernel/index.ts';
import { addConnection, addTenant, findConnection, type Db } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { scriptServer, type ScriptServer } from '../support/script-server.ts';
import { describeEachStore } from '../support/stores.ts';
import { tokenConnector } from '../support/token-connector.ts';

describeEachStore('waiting for a slow login service', (open) => {
  let db: Db;
  let provider: ScriptServer;
  let release: () => void = () => undefined;
  let held: Promise<void> = Promise.resolve();
  let status = 200;
  let deps: ConnectionDeps;
  let tenant: TenantId;
  let connection: ConnectionId;

  beforeAll(async () => {
    db = await open();
    let given = 0;
    provider = await scriptServer((_, response) => {
      given += 1;
      const body = { access_token: `a${String(given)}`, refresh_token: `r${String(given)}`, expires_in: 3_600 };
      const answer = async (): Promise<void> => {
        await held;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(status === 200 ? body : status === 400 ? { error: 'invalid_grant' } : {}));
      };
      void answer();
    });
    tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
    const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
    deps = { db, vault, clock: systemClock, random: systemRandom, onEvent: () => undefined };
    connection = await db.tenantTx(tenant, (tx) =>
      addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'p', state: 'working' }),
    );
  });
  afterAll(() => provider.stop());
  beforeEach(() => {
    status = 200;
    provider.requests.length = 0;
    held = new Promise((resolve) => {
      release = resolve;
    });
  });

  const session = (): ProviderAccess =>
    providerAccess(deps, {
      tenant,
      connection,
      slug: 'crm',
      integration: 'crm',
      apiUrl: provider.url,
      connector: tokenConnector(),
      app: { clientId: 'id', clientSecret: 's', loginUrl: provider.url },
    });
  const signIn = (expiresInS: number): Promise<{ generation: number }> =>
    db.tenantTx(tenant, (tx) =>
      createTokenStore(deps.vault).save(
        tx,
        { tenant, connection },
        { accessToken: 'old', refreshToken: 'r0', expiresInS, scope: null, apiUrl: provider.url },
        { loginUrl: '', entered: null },
      ),
    );
  const asked = async (): Promise<void> => {
    while (provider.requests.length === 0) await sleep(5);
  };

  it('A3: an old token is used until it expires, and a renewal that fails fails nobody', async () => {
    const { generation } = await signIn(40);
    const [one, two] = [session(), session()];
    expect(await one.token()).toEqual({ accessToken: 'old', generation });
    expect(await two.token()).toEqual({ accessToken: 'old', generation });
    await asked();
    status = 503;
    release();
    // Whoever asks for it outright is told.
    await expect(one.renew(generation)).rejects.toMatchObject({ code: 'upstream_unavailable' });
    await expect(two.renew(generation)).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(await one.token()).toEqual({ accessToken: 'old', generation });
    await one.renew(generation).catch(() => undefined);
  });

  it('A3: everybody waits for one call when there is nothing left of it', async () => {
    const { generation } = await signIn(5);
    const waiting = Promise.all(Array.from({ length: 8 }, () => session().token()));
    await asked();
    // The database works on for everybody else: also the embedded one, which has one session.
    for (let read = 0; read < 5; read += 1) {
      expect(await db.tenantRead(tenant, (tx) => findConnection(tx, tenant, 'crm'))).not.toBeNull();
    }
    expect(provider.requests).toHaveLength(1);
    release();
    const tokens = await waiting;
    expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(1);
    expect(tokens[0]?.generation).toBe(generation + 1);
    expect(provider.requests).toHaveLength(1);
  });

  it('a sign-in during a renewal wins over what the renewal brings', async () => {
    const { generation } = await signIn(5);
    const renewing = session().renew(generation);
    await asked();
    const fresh = await signIn(3_600);
    release();
    expect(await renewing).toEqual({ accessToken: 'old', generation: fresh.generation });
    expect(await session().token()).toEqual({ accessToken: 'old', generation: fresh.generation });
  });

  it('A2, A4: a refusal of the tokens of before ends no sign-in that came meanwhile', async () => {
    const { generation } = await signIn(5);
    const renewing = session().renew(generation);
    await asked();
    const fresh = await signIn(3_600);
    status = 400;
    release();
    expect(await renewing).toEqual({ accessToken: 'old', generation: fresh.generation });
    const row = await db.tenantRead(tenant, (tx) => findConnection(tx, tenant, 'crm'));
    expect(row).toMatchObject({ state: 'working', lastError: null });
    // The same refusal, where nobody signed in meanwhile, is the end of the grant.
    await expect(session().renew(fresh.generation)).rejects.toMatchObject({ code: 'connection_reauth_required' });
    const ended = await db.tenantRead(tenant, (tx) => findConnection(tx, tenant, 'crm'));
    expect(ended?.state).toBe('reauth_required');
  });
});

describe('the turnstile', () => {
  it('lets in one under each name, and so many in all, and forgets nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), stays: fc.integer({ min: 0, max: 4 }) }), {
          maxLength: 25,
        }),
        fc.integer({ min: 1, max: 3 }),
        async (visits, atOnce) => {
          const turnstile = createTurnstile(atOnce);
          const inside: string[] = [];
          let most = 0;
          const visit = async ({ name, stays }: { name: string; stays: number }): Promise<void> => {
            const leave = await turnstile.enter(name, { waitMs: 60_000, clock: systemClock });
            if (leave === null) throw new Error('turned away');
            expect(inside).not.toContain(name);
            inside.push(name);
            most = Math.max(most, inside.length);
            for (let step = 0; step < stays; step += 1) await Promise.resolve();
            inside.splice(inside.indexOf(name), 1);
            leave();
            leave();
          };
          await Promise.all(visits.map(visit));
          expect(most).toBeLessThanOrEqual(atOnce);
          expect(inside).toEqual([]);
        },
      ),
    );
  });

  it('does not keep a place for whoever gave up', async () => {
    const turnstile = createTurnstile(1);
    const first = await turnstile.enter('a', { waitMs: 1_000, clock: systemClock });
    expect(await turnstile.enter('a', { waitMs: 5, clock: systemClock })).toBeNull();
    expect(await turnstile.enter('b', { waitMs: 5, clock: systemClock })).toBeNull();
    first?.();
    const next = await turnstile.enter('a', { waitMs: 5, clock: systemClock });
    expect(next).not.toBeNull();
  });
});
