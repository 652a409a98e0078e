import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditAppender } from '../../src/audit/index.ts';
import { createVaultUseCases } from '../../src/app/connections/vault-use-cases.ts';
import { providerAccess, type ConnectionDeps } from '../../src/connection/index.ts';
import { createTokenStore } from '../../src/connection/token-store.ts';
import type { ProviderAccess } from '../../src/connectors/index.ts';
import { limits, systemClock, systemRandom, type ConnectionId, type TenantId } from '../../src/kernel/index.ts';
import { addConnection, addTenant, findConnection, readCredential, type Db } from '../../src/store/index.ts';
import { createVault, type Vault } from '../../src/vault/index.ts';
import { scriptServer, type ScriptServer } from '../support/script-server.ts';
import { describeEachStore } from '../support/stores.ts';
import { tokenConnector } from '../support/token-connector.ts';

const operator = { name: 'operator' };
const CANARY = 'canary-90c1';

/** One more tenant than a call takes. */
const TENANTS = limits.vaultTenantsMax + 1;

describeEachStore('exchanging keys under load', (open) => {
  let db: Db;
  let provider: ScriptServer;
  let given = 0;
  const spent = new Set<string>();
  const twice: string[] = [];
  const [oldKey, newKey] = [systemRandom.bytes(32), systemRandom.bytes(32)];
  const random = systemRandom;
  const append = auditAppender(random);
  /** Processes as they are configured one after another (docs/security.md). */
  const before = createVault({ masterKey: oldKey, previousMasterKeys: [newKey], random });
  const after = createVault({ masterKey: newKey, previousMasterKeys: [oldKey], random });
  const alone = createVault({ masterKey: newKey, random });
  const all: { tenant: TenantId; connection: ConnectionId }[] = [];

  const depsOf = (vault: Vault): ConnectionDeps => ({
    db,
    vault,
    clock: systemClock,
    random,
    onEvent: () => undefined,
  });
  const sessionOf = (vault: Vault, at: { tenant: TenantId; connection: ConnectionId }): ProviderAccess =>
    providerAccess(depsOf(vault), {
      ...at,
      slug: 'crm',
      integration: 'crm',
      apiUrl: provider.url,
      connector: tokenConnector(),
      app: { clientId: 'id', clientSecret: 'secret', loginUrl: provider.url },
    });

  beforeAll(async () => {
    db = await open();
    // Rotates, and remembers who used a refresh token twice.
    provider = await scriptServer((_, response, body) => {
      const used = new URLSearchParams(body).get('refresh_token') ?? '';
      if (spent.has(used)) twice.push(used);
      spent.add(used);
      given += 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      const access = `${CANARY}-a${String(given)}`;
      response.end(
        JSON.stringify({ access_token: access, refresh_token: `${CANARY}-r${String(given)}`, expires_in: 3600 }),
      );
    });
    for (let index = 0; index < TENANTS; index += 1) {
      const tenant = await addTenant(db, { slug: `t${String(index)}`, at: new Date('2026-01-01') });
      const connection = await db.tenantTx(tenant, async (tx) => {
        const id = await addConnection(tx, {
          tenant,
          slug: 'crm',
          integration: 'crm',
          provider: 'p',
          state: 'working',
        });
        const first = { accessToken: `${CANARY}-first`, expiresInS: 3_600, scope: null, apiUrl: provider.url };
        const tokens = { ...first, refreshToken: `${CANARY}-${String(tenant)}` };
        await createTokenStore(before).save(tx, { tenant, connection: id }, tokens, { loginUrl: '', entered: null });
        return id;
      });
      all.push({ tenant, connection });
    }
  });
  afterAll(() => provider.stop());

  const rotateAll = async (
    vault: Vault,
    dataKeys: boolean,
  ): Promise<{ rewrapped: number; resealed: number; calls: number }> => {
    const useCases = createVaultUseCases({ db, append, vault });
    const sums = { rewrapped: 0, resealed: 0, calls: 0 };
    let from: number | null = null;
    do {
      const done = await useCases.rotate(operator, { dataKeys, after: from });
      expect(done['unreadable']).toBe(0);
      sums.rewrapped += Number(done['rewrapped']);
      sums.resealed += Number(done['resealed']);
      sums.calls += 1;
      from = typeof done['next'] === 'number' ? done['next'] : null;
    } while (from !== null);
    return sums;
  };

  it('master key and data keys, without one failed call and without one token used twice', async () => {
    const stopped = new AbortController();
    let reads = 0;
    let renewals = 0;
    const load = async (vault: Vault, renews: boolean, offset: number): Promise<void> => {
      for (let turn = offset; !stopped.signal.aborted; turn += 1) {
        const at = all[turn % all.length];
        if (at === undefined) throw new Error('nobody is connected');
        const session = sessionOf(vault, at);
        const { generation } = await session.token();
        reads += 1;
        if (renews) {
          expect((await session.renew(generation)).generation).toBeGreaterThan(generation);
          renewals += 1;
        }
        await sleep(1);
      }
    };
    // Processes of the old configuration and of the new one, side by side.
    const loads = [
      load(before, false, 0),
      load(before, true, 3),
      load(after, false, 6),
      load(after, true, 9),
      load(after, true, 12),
    ];
    const work = Promise.all(loads);
    const rotations = (async () => {
      expect(await rotateAll(after, false)).toMatchObject({ rewrapped: TENANTS, calls: 2 });
      expect(await rotateAll(after, false)).toMatchObject({ rewrapped: 0, resealed: 0 });
      for (let round = 0; round < 3; round += 1) await rotateAll(after, true);
    })();
    await Promise.race([rotations, work]);
    await rotations;
    stopped.abort();
    await work;
    expect(reads).toBeGreaterThan(20);
    expect(renewals).toBeGreaterThan(10);
    expect(twice).toEqual([]);
    const status = await createVaultUseCases({ db, append, vault: alone }).status(operator);
    expect(status).toMatchObject({
      tenants: TENANTS,
      data_keys: TENANTS * 4,
      under_other_master: 0,
      unreadable: 0,
      sealed_under_older: 0,
    });
    // The old master key is not needed any more.
    for (const at of all) expect((await sessionOf(alone, at).token()).accessToken).toContain(CANARY);
  }, 300_000);

  it('leaves what no given key opens as it is, and says how much that is', async () => {
    const wrong = createVault({ masterKey: random.bytes(32), random });
    const useCases = createVaultUseCases({ db, append, vault: wrong });
    expect(await useCases.status(operator)).toMatchObject({ unreadable: TENANTS * 4 });
    const done = await useCases.rotate(operator, { dataKeys: true, after: null });
    expect(done).toMatchObject({ rewrapped: 0, resealed: 0, unreadable: limits.vaultTenantsMax * 4 });
    for (const at of all) expect((await sessionOf(alone, at).token()).accessToken).toContain(CANARY);
  });

  it('X6: without its master key, renewing says why not, keeps nothing in clear, and what is no secret is read on', async () => {
    const wrong = createVault({ masterKey: random.bytes(32), random });
    const [at] = all;
    if (at === undefined) throw new Error('nobody is connected');
    const key = { ...at, principal: '' };
    const kept = await db.tenantRead(at.tenant, (tx) => readCredential(tx, key));
    const calls = provider.requests.length;
    const session = sessionOf(wrong, at);
    for (const asked of [session.token(), session.renew(99)]) {
      const error: unknown = await asked.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'vault_unreadable' });
      expect(String(error)).toContain('data key');
      expect(JSON.stringify(error)).not.toContain(CANARY);
    }
    const tokens = { accessToken: CANARY, refreshToken: CANARY, expiresInS: null, scope: null, apiUrl: provider.url };
    const sealing = db.tenantTx(at.tenant, (tx) =>
      createTokenStore(wrong).save(tx, at, tokens, { loginUrl: '', entered: null }),
    );
    await expect(sealing).rejects.toMatchObject({ code: 'vault_unreadable' });
    expect(provider.requests.length).toBe(calls);
    expect(await db.tenantRead(at.tenant, (tx) => readCredential(tx, key))).toEqual(kept);
    const row = await db.tenantRead(at.tenant, (tx) => findConnection(tx, at.tenant, 'crm'));
    expect(row).toMatchObject({ state: 'working' });
    expect((await sessionOf(alone, at).token()).accessToken).toContain(CANARY);
  });
});
