import { beforeAll, expect, it } from 'vitest';
import {
  addApiKey,
  addOperator,
  addSignInLink,
  addTenant,
  beginAttempt,
  consumeOauthItem,
  cutTokens,
  endApiKeyAt,
  endAttempts,
  findApiKey,
  findApiKeyByHash,
  findCutoff,
  findLocalUser,
  findOauthItem,
  findOauthItemByUid,
  findOperator,
  hashApiKey,
  keepOauthItem,
  listAgentStops,
  listLocalUsers,
  listOperators,
  noteKeyUse,
  removeLocalUser,
  removeOauthAccount,
  removeOauthGrant,
  removeOperator,
  resumeAgent,
  setLocalUser,
  stopAgent,
  sweepOauthItems,
  takeSignInLink,
  type Db,
  type NewOauthItem,
} from '../../src/store/index.ts';
import type { TenantId } from '../../src/kernel/index.ts';
import { describeEachStore } from '../support/stores.ts';

describeEachStore('who acts', (open) => {
  let db: Db;
  let acme: TenantId;
  let globex: TenantId;
  beforeAll(async () => {
    db = await open();
    acme = await db.tx((tx) => addTenant(tx, { slug: 'acme', at: tx.now }));
    globex = await db.tx((tx) => addTenant(tx, { slug: 'globex', at: tx.now }));
  }, 300_000);

  const minutes = (now: Date, count: number): Date => new Date(now.getTime() + count * 60_000);

  it('keys end when they are told to and not later, and their use is noted once an hour', async () => {
    const hash = hashApiKey('k1');
    await db.tx((tx) => addApiKey(tx, { key: 'k1', tenant: acme, agent: 'a', label: '', at: tx.now }));
    expect(await findApiKey(db, 'k1')).toMatchObject({ lastUsedAt: null, useDue: true, expiresAt: null });
    await db.tx((tx) => noteKeyUse(tx, { tenant: acme, hash, at: tx.now }));
    expect(await findApiKey(db, 'k1')).toMatchObject({ lastUsedAt: expect.any(Date), useDue: false });
    await db.tx((tx) => noteKeyUse(tx, { tenant: acme, hash, at: minutes(tx.now, -61) }));
    expect(await findApiKeyByHash(db, hash)).toMatchObject({ useDue: true });
    const soon = await db.tx(async (tx) => {
      await endApiKeyAt(tx, { tenant: acme, hash, at: minutes(tx.now, 5) });
      await endApiKeyAt(tx, { tenant: acme, hash, at: minutes(tx.now, 50) });
      return minutes(tx.now, 5);
    });
    expect((await findApiKey(db, 'k1'))?.expiresAt).toEqual(soon);
    expect(await db.tx((tx) => endApiKeyAt(tx, { tenant: globex, hash, at: tx.now }))).toBe(false);
    await db.tx((tx) => endApiKeyAt(tx, { tenant: acme, hash, at: tx.now }));
    expect(await findApiKey(db, 'k1')).toBeNull();
  });

  it('operators have one key each', async () => {
    const add = (key: string, role: string, ended = false) =>
      db.tx((tx) =>
        addOperator(tx, { name: 'vera', role, key, by: 'root', expiresAt: ended ? minutes(tx.now, -1) : null }),
      );
    await add('one', 'viewer');
    await add('two', 'admin');
    expect([await findOperator(db, 'one'), (await findOperator(db, 'two'))?.role]).toEqual([null, 'admin']);
    expect(await listOperators(db)).toMatchObject([{ name: 'vera', role: 'admin', createdBy: 'root' }]);
    await add('three', 'admin', true);
    expect(await findOperator(db, 'three')).toBeNull();
    expect(await db.tx((tx) => removeOperator(tx, 'vera'))).toBe(true);
    expect(await db.tx((tx) => removeOperator(tx, 'vera'))).toBe(false);
    expect(await listOperators(db)).toEqual([]);
  });

  it('agents are stopped once, by whoever was last', async () => {
    for (const by of ['vera', 'ida']) await db.tx((tx) => stopAgent(tx, { agent: 'a', by, note: null }));
    expect(await listAgentStops(db)).toMatchObject([{ agent: 'a', by: 'ida', note: null, at: expect.any(Date) }]);
    expect(await db.tx((tx) => resumeAgent(tx, 'a'))).toBe(true);
    expect(await db.tx((tx) => resumeAgent(tx, 'a'))).toBe(false);
  });

  it('tokens are cut by user and agent', async () => {
    const of = { tenant: acme, principal: 'ada', agent: 'copilot' };
    expect(await findCutoff(db, of)).toBeNull();
    const first = await db.tx(async (tx) => {
      await cutTokens(tx, { ...of, by: 'root' });
      return tx.now;
    });
    expect(await findCutoff(db, of)).toEqual(first);
    expect(await findCutoff(db, { ...of, agent: 'other' })).toBeNull();
    expect(await findCutoff(db, { ...of, tenant: globex })).toBeNull();
    await db.tx((tx) => cutTokens(tx, { ...of, agent: '', by: 'root' }));
    expect((await findCutoff(db, { ...of, agent: 'other' }))?.getTime()).toBeGreaterThanOrEqual(first.getTime());
  });

  it('links are good once, and not for long', async () => {
    const add = (token: string, minutesLeft: number) =>
      db.tx((tx) =>
        addSignInLink(tx, {
          token,
          tenant: acme,
          principal: 'ada',
          by: 'root',
          expiresAt: minutes(tx.now, minutesLeft),
        }),
      );
    await add('good', 5);
    const both = await Promise.all([
      db.tx((tx) => takeSignInLink(tx, 'good')),
      db.tx((tx) => takeSignInLink(tx, 'good')),
    ]);
    expect(both.filter((each) => each !== null)).toEqual([{ tenant: acme, principal: 'ada' }]);
    await add('late', -1);
    expect(await db.tx((tx) => takeSignInLink(tx, 'late'))).toBeNull();
  });

  it('passwords are tried a few times, however many try at once', async () => {
    const set = (tenant: TenantId) =>
      db.tenantTx(tenant, (tx) => setLocalUser(tx, { tenant, name: 'ada', password: 'p', by: 'root' }));
    await Promise.all([set(acme), set(globex)]);
    const attempt = () =>
      db.tenantTx(acme, (tx) =>
        beginAttempt(tx, { tenant: acme, name: 'ada', attemptsMax: 3, lockUntil: minutes(tx.now, 15) }),
      );
    const many = await Promise.all(Array.from({ length: 8 }, attempt));
    expect(many.filter((row) => row !== null)).toHaveLength(3);
    expect(await db.tenantRead(acme, (tx) => findLocalUser(tx, acme, 'ada'))).toMatchObject({ failures: 3 });
    expect((await db.tenantRead(globex, (tx) => findLocalUser(tx, globex, 'ada')))?.failures).toBe(0);
    // The second wall: another tenant's transaction does not see them.
    expect(await db.tenantRead(globex, (tx) => findLocalUser(tx, acme, 'ada'))).toBeNull();
    await db.tenantTx(acme, (tx) => endAttempts(tx, acme, 'ada'));
    expect(await attempt()).toMatchObject({ name: 'ada', password: 'p' });
    expect(await db.tenantTx(acme, (tx) => removeLocalUser(tx, acme, 'ada'))).toBe(true);
    expect(await db.tenantRead(acme, (tx) => listLocalUsers(tx, acme))).toEqual([]);
    expect(await attempt()).toBeNull();
  });

  it('what the authorization server remembers is found by what its holders present, used once, and goes', async () => {
    const keep = (item: Partial<NewOauthItem> & Pick<NewOauthItem, 'kind' | 'id'>, minutesLeft: number | null = 5) =>
      db.tx((tx) =>
        keepOauthItem(tx, {
          tenant: null,
          grantId: null,
          uid: null,
          payload: { accountId: `${String(acme)}/ada` },
          expiresAt: minutesLeft === null ? null : minutes(tx.now, minutesLeft),
          ...item,
        }),
      );
    await keep({ kind: 'AuthorizationCode', id: 'c', grantId: 'g', tenant: acme });
    expect((await findOauthItem(db, 'AuthorizationCode', 'c'))?.consumedAt).toBeNull();
    expect(await findOauthItem(db, 'RefreshToken', 'c')).toBeNull();
    const used = await Promise.all(
      Array.from({ length: 4 }, () => db.tx((tx) => consumeOauthItem(tx, 'AuthorizationCode', 'c'))),
    );
    expect(used.filter(Boolean)).toHaveLength(1);
    expect((await findOauthItem(db, 'AuthorizationCode', 'c'))?.consumedAt).toBeInstanceOf(Date);
    await db.tx((tx) => removeOauthGrant(tx, 'g'));
    expect(await findOauthItem(db, 'AuthorizationCode', 'c')).toBeNull();
    await keep({ kind: 'Session', id: 's', uid: 'u', tenant: acme });
    await keep({ kind: 'Session', id: 's', uid: 'u2', tenant: acme });
    expect(await findOauthItemByUid(db, 'Session', 'u')).toBeNull();
    expect((await findOauthItemByUid(db, 'Session', 'u2'))?.payload).toEqual({ accountId: `${String(acme)}/ada` });
    await db.tx((tx) => removeOauthAccount(tx, globex, `${String(acme)}/ada`));
    expect(await findOauthItem(db, 'Session', 's')).not.toBeNull();
    await db.tx((tx) => removeOauthAccount(tx, acme, `${String(acme)}/ada`));
    expect(await findOauthItem(db, 'Session', 's')).toBeNull();
    await keep({ kind: 'Interaction', id: 'late' }, -1);
    await keep({ kind: 'Interaction', id: 'for ever' }, null);
    expect(await findOauthItem(db, 'Interaction', 'late')).toBeNull();
    await db.tx(sweepOauthItems);
    expect(await db.query('select kind from oauth_item')).toEqual([{ kind: 'Interaction' }]);
  });
});
