import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  connectWithCredentials,
  listUserSignIns,
  providerAccess,
  signInUser,
  signOutUser,
  userAccess,
  type ConnectionDeps,
  type ConnectionLogEvent,
  type UserSignIn,
} from '../../src/connection/index.ts';
import { connectorRegistry, requireConnector, type ProviderAccess } from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { addTenant, findConnection, type ConnectionRow, type Db } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { adminOf, startSandbox, type SandboxUser, type TestSandbox } from '../support/sandbox.ts';
import { describeEachStore } from '../support/stores.ts';
import { odooValues } from '../connectors/odoo-sign-in.ts';

describeEachStore("users' own sign-ins beside a connection's", (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let other: TestSandbox;
  let tenant: TenantId;
  let deps: ConnectionDeps;
  let ada: SandboxUser;
  const events: ConnectionLogEvent[] = [];
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'odoo');

  const request = (at: TestSandbox, values = odooValues(at)): Omit<UserSignIn, 'principal'> => ({
    tenant,
    slug: 'erp',
    integration: 'erp',
    connector,
    app: null,
    trustedOrigin: at.url,
    method: 'api_key',
    values,
  });
  const row = async (): Promise<ConnectionRow> => {
    const found = await db.tenantRead(tenant, (tx) => findConnection(tx, tenant, 'erp'));
    if (found === null) throw new Error('no connection');
    return found;
  };
  const access = async () => ({
    tenant,
    connection: (await row()).id,
    slug: 'erp',
    integration: 'erp',
    apiUrl: sandbox.url,
    connector,
    app: null,
  });
  const asUser = async (principal: string): Promise<ProviderAccess> => {
    const found = await userAccess(deps, await access(), principal);
    if (found === null) throw new Error(`${principal} has not signed in`);
    return found;
  };

  beforeAll(async () => {
    [db, sandbox, other] = await Promise.all([
      open(),
      startSandbox('odoo', { company: 'globex' }),
      startSandbox('odoo', { company: 'acme' }),
    ]);
    tenant = await addTenant(db, { slug: `globex-${kind}`, at: new Date('2026-01-01') });
    const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
    deps = { db, vault, clock: systemClock, random: systemRandom, onEvent: (event) => events.push(event) };
    const found = sandbox.health.users.find((user) => user.id !== adminOf(sandbox).id);
    if (found === undefined) throw new Error('the sandbox has one user only');
    ada = found;
  });
  afterAll(async () => {
    await sandbox.stop();
    await other.stop();
  });

  it('need a connection, and its account', async () => {
    const signIn = { ...request(sandbox, odooValues(sandbox, ada)), principal: 'ada@globex.com' };
    await expect(signInUser(deps, signIn)).rejects.toMatchObject({ code: 'not_found' });
    await connectWithCredentials(deps, request(sandbox));
    await expect(signInUser(deps, { ...request(other), principal: 'ada@globex.com' })).rejects.toMatchObject({
      code: 'connection_account_differs',
    });
    await expect(signInUser(deps, { ...signIn, principal: '' })).rejects.toMatchObject({ code: 'bad_request' });
    const wrong = { ...signIn, values: { ...signIn.values, api_key: 'not-a-key' } };
    await expect(signInUser(deps, wrong)).rejects.toMatchObject({ code: 'credentials_refused' });
    expect(await userAccess(deps, await access(), 'ada@globex.com')).toBeNull();
  });

  it('make calls as that user, while the connection goes on as itself', async () => {
    const done = await signInUser(deps, { ...request(sandbox, odooValues(sandbox, ada)), principal: 'ada@globex.com' });
    expect(done).toEqual({ principal: 'ada@globex.com', userName: ada.username });
    const [asAda, asOrg] = [await asUser('ada@globex.com'), providerAccess(deps, await access())];
    expect((await connector.open(asAda).identify()).userName).toBe(ada.username);
    expect((await connector.open(asOrg).identify()).userName).toBe(adminOf(sandbox).username);
    const { generation } = await asAda.token();
    expect((await asAda.renew(generation)).generation).toBe(generation + 1);
    expect((await asOrg.token()).generation).toBe(1);
    expect(await listUserSignIns(deps, tenant, 'erp')).toMatchObject([
      { principal: 'ada@globex.com', userName: ada.username, generation: 2, endedAt: null },
    ]);
  });

  it('are sealed so that one opens for no other user', async () => {
    const { id } = await row();
    await db.tenantTx(tenant, (tx) =>
      tx.query(
        `insert into credential (tenant, connection, principal, generation, sealed, updated_at)
         select tenant, connection, 'eve@globex.com', generation, sealed, updated_at from credential
         where tenant = $1 and connection = $2 and principal = 'ada@globex.com'`,
        [tenant, id],
      ),
    );
    await expect(asUser('eve@globex.com')).rejects.toMatchObject({ code: 'vault_unreadable' });
    await signOutUser(deps, { tenant, slug: 'erp', principal: 'eve@globex.com' });
    expect(await listUserSignIns(deps, tenant, 'erp')).toHaveLength(1);
  });

  it('A5: end alone: the connection works on, and the user is asked to sign in again', async () => {
    events.length = 0;
    await sandbox.control('POST', 'revoke', { user: ada.id });
    await expect(connector.open(await asUser('ada@globex.com')).identify()).rejects.toMatchObject({
      code: 'connection_reauth_required',
    });
    expect((await listUserSignIns(deps, tenant, 'erp'))[0]?.endedAt).toBeInstanceOf(Date);
    expect((await row()).state).toBe('working');
    expect(events.filter((event) => event.kind === 'connection_state_changed')).toEqual([]);
    const asOrg = connector.open(providerAccess(deps, await access()));
    expect((await asOrg.identify()).userName).toBe(adminOf(sandbox).username);
    const { users } = await sandbox.control<{ users: SandboxUser[] }>('GET', 'health');
    const again = users.find((user) => user.id === ada.id) ?? ada;
    await signInUser(deps, { ...request(sandbox, odooValues(sandbox, again)), principal: 'ada@globex.com' });
    expect((await listUserSignIns(deps, tenant, 'erp'))[0]?.endedAt).toBeNull();
    expect((await connector.open(await asUser('ada@globex.com')).identify()).userName).toBe(ada.username);
  });

  it('are forgotten when asked', async () => {
    await signOutUser(deps, { tenant, slug: 'erp', principal: 'ada@globex.com' });
    expect(await userAccess(deps, await access(), 'ada@globex.com')).toBeNull();
    expect((await row()).state).toBe('working');
  });
});
