import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endingSignIns } from '../../src/app/connections/ending-sign-ins.ts';
import { keepAhead, type SignInKeeperDeps } from '../../src/app/connections/sign-in-keeper.ts';
import { stepAhead, type ConnectionDeps, type ConnectionLogEvent } from '../../src/connection/index.ts';
import { createTokenStore } from '../../src/connection/token-store.ts';
import { systemClock, systemRandom, type ConnectionId, type TenantId } from '../../src/kernel/index.ts';
import { addConnection, addTenant, listCredentials, type CredentialSummary, type Db } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { scriptServer, type ScriptServer } from '../support/script-server.ts';
import { describeEachStore } from '../support/stores.ts';
import { tokenConnector } from '../support/token-connector.ts';

const day = (n: number): Date => new Date(Date.UTC(2027, 0, 1) + n * 86_400_000);
const row = (over: Partial<CredentialSummary>) => ({
  endsAt: day(100),
  endedAt: null,
  renewable: true,
  updatedAt: day(0),
  endToldAt: null,
  ...over,
});

describe('looking ahead at the end of a sign-in', () => {
  it.each([
    ['no end is known', row({ endsAt: null }), 90, 'leave'],
    ['it has ended', row({ endedAt: day(80) }), 90, 'leave'],
    ['less than half of its life is over', row({}), 49.9, 'leave'],
    ['half of its life is over', row({}), 50, 'renew'],
    ['its life is over: asking again would not help', row({}), 100, 'leave'],
    ['a key has more than two weeks', row({ renewable: false }), 85.9, 'leave'],
    ['a key has two weeks', row({ renewable: false }), 86, 'tell'],
    ['that was told', row({ renewable: false, endToldAt: day(86) }), 96, 'leave'],
    ['it was told, and three days are left', row({ renewable: false, endToldAt: day(86) }), 97, 'tell'],
    ['both were told', row({ renewable: false, endToldAt: day(97) }), 99, 'leave'],
    ['it ends today', row({ renewable: false, endToldAt: day(97) }), 100, 'tell'],
    ['its end was told', row({ renewable: false, endToldAt: day(100) }), 200, 'leave'],
  ])('%s', (_, each, now, kind) => {
    expect(stepAhead(each, day(now)).kind).toBe(kind);
  });

  it('tells a key that is looked at every day three times, whatever its life', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 700 }), fc.double({ min: 0, max: 1, noNaN: true }), (life, offset) => {
        let endToldAt: Date | null = null;
        let told = 0;
        for (let now = offset; now < life + 30; now += 1) {
          const step = stepAhead(row({ renewable: false, endsAt: day(life), endToldAt }), day(now));
          if (step.kind !== 'tell') continue;
          told += 1;
          endToldAt = day(now);
        }
        expect(told).toBe(3);
      }),
    );
  });
});

describeEachStore('keeping sign-ins alive', (open) => {
  let db: Db;
  let provider: ScriptServer;
  let tenant: TenantId;
  let connection: ConnectionId;
  let deps: SignInKeeperDeps;
  const events: ConnectionLogEvent[] = [];
  const failures: unknown[] = [];

  beforeAll(async () => {
    db = await open();
    provider = await scriptServer((request, response) => {
      const down = request.url === '/down';
      response.writeHead(down ? 503 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          access_token: 'a2',
          refresh_token: 'r2',
          expires_in: 3_600,
          refresh_token_expires_in: 2_592_000,
        }),
      );
    });
    tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
    const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
    const own: ConnectionDeps = {
      db,
      vault,
      clock: systemClock,
      random: systemRandom,
      onEvent: (event) => events.push(event),
    };
    const app = { clientId: 'id', clientSecret: 's', loginUrl: provider.url };
    deps = {
      connection: own,
      targets: { connector: () => ({ connector: tokenConnector(), app }) },
      emit: (event) => failures.push(event),
    };
    const store = createTokenStore(vault);
    connection = await db.tenantTx(tenant, async (tx) => {
      const id = await addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'p', state: 'working' });
      const tokens = { accessToken: 'a', expiresInS: 3_600, scope: null, apiUrl: provider.url };
      const browser = { loginUrl: '', entered: null };
      await store.save(
        tx,
        { tenant, connection: id },
        { ...tokens, refreshToken: 'r', refreshExpiresInS: 604_800 },
        browser,
      );
      const ada = { loginUrl: '', entered: { method: 'api_key', values: { api_key: 'k', expires_on: '2030-01-31' } } };
      await store.save(tx, { tenant, connection: id, principal: 'ada' }, { ...tokens, refreshToken: null }, ada);
      return id;
    });
  });
  afterAll(() => provider.stop());

  const rows = (): Promise<CredentialSummary[]> => db.tenantRead(tenant, (tx) => listCredentials(tx, tenant));
  /** As if the days had passed. */
  const age = (principal: string, days: number): Promise<unknown> =>
    db.tenantTx(tenant, (tx) =>
      tx.query(
        `update credential set updated_at = updated_at - $4 * interval '1 day', ends_at = ends_at - $4 * interval '1 day'
         where tenant = $1 and connection = $2 and principal = $3`,
        [tenant, connection, principal, days],
      ),
    );

  it('knows the end of a refresh token, and that of a key from the day that was entered', async () => {
    const [org, ada] = await rows();
    expect(org).toMatchObject({ renewable: true });
    expect(Number(org?.endsAt) - Number(org?.updatedAt)).toBe(604_800_000);
    expect(ada).toMatchObject({ renewable: false, endsAt: new Date('2030-01-31') });
  });

  it('says nothing of one that has long to live', async () => {
    expect(await endingSignIns(db)).toEqual([]);
  });

  it('leaves a young one alone and uses an old one before its end', async () => {
    await keepAhead(deps, tenant);
    expect(provider.requests).toHaveLength(0);
    await age('', 4);
    await Promise.all([keepAhead(deps, tenant), keepAhead(deps, tenant)]);
    expect(provider.requests).toHaveLength(1);
    const [org] = await rows();
    expect(org).toMatchObject({ generation: 2, renewable: true });
    expect(Number(org?.endsAt) - Number(org?.updatedAt)).toBe(2_592_000_000);
    await keepAhead(deps, tenant);
    expect(provider.requests).toHaveLength(1);
    expect(failures).toEqual([]);
  });

  it('tells people of a key that only they can renew: once, however many look', async () => {
    const ends = new Date(Date.now() + 10 * 86_400_000);
    await db.tenantTx(tenant, (tx) =>
      tx.query("update credential set ends_at = $2 where tenant = $1 and principal = 'ada'", [tenant, ends]),
    );
    events.length = 0;
    await Promise.all([keepAhead(deps, tenant), keepAhead(deps, tenant), keepAhead(deps, tenant)]);
    await keepAhead(deps, tenant);
    expect(events).toEqual([{ kind: 'sign_in_ends', tenant, connection, principal: 'ada', endsAt: ends }]);
    expect(await endingSignIns(db)).toEqual([{ tenant: 'acme', connection: 'crm', user: 'ada', endsAt: ends }]);
  });

  it('says so where the provider does not renew, and tries again', async () => {
    await age('', 20);
    const connector = tokenConnector();
    const app = { clientId: 'id', clientSecret: 's', loginUrl: 'http://127.0.0.1:1' };
    await keepAhead({ ...deps, targets: { connector: () => ({ connector, app }) } }, tenant);
    expect(failures).toEqual([{ kind: 'sign_in_not_renewed', tenant, connection, code: 'upstream_unavailable' }]);
    await keepAhead(deps, tenant);
    expect((await rows())[0]?.generation).toBe(3);
  });
});
