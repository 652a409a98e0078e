import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  connectWithCredentials,
  providerAccess,
  type ConnectionDeps,
  type ConnectionLogEvent,
  type CredentialSignIn,
} from '../../src/connection/index.ts';
import { connectorRegistry, requireConnector, type ProviderAccess } from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { addTenant, findConnection, type ConnectionRow, type Db } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { adminOf, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { describeEachStore } from '../support/stores.ts';
import { odooValues } from '../connectors/odoo-sign-in.ts';

describeEachStore('connecting an Odoo with an API key', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let tenant: TenantId;
  let deps: ConnectionDeps;
  const events: ConnectionLogEvent[] = [];
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'odoo');

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('odoo', { company: 'globex' })]);
    tenant = await addTenant(db, { slug: `globex-${kind}`, at: new Date('2026-01-01') });
    const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
    deps = { db, vault, clock: systemClock, random: systemRandom, onEvent: (event) => events.push(event) };
  });
  afterAll(() => sandbox.stop());

  const request = (values = odooValues(sandbox), slug = 'erp'): CredentialSignIn => ({
    tenant,
    slug,
    integration: 'erp',
    connector,
    app: null,
    trustedOrigin: sandbox.url,
    method: 'api_key',
    values,
  });
  const row = async (slug = 'erp'): Promise<ConnectionRow | null> =>
    db.tenantTx(tenant, (tx) => findConnection(tx, tenant, slug));
  const access = async (): Promise<ProviderAccess> => {
    const { id, apiUrl } = (await row()) ?? { id: null, apiUrl: null };
    if (id === null) throw new Error('no connection');
    const key = { tenant, connection: id, slug: 'erp', integration: 'erp' };
    return providerAccess(deps, { ...key, apiUrl: apiUrl ?? '', connector, app: null });
  };

  it('leaves nothing behind where the key is refused', async () => {
    const values = { ...odooValues(sandbox), api_key: 'not-a-key-of-theirs' };
    await expect(connectWithCredentials(deps, request(values))).rejects.toMatchObject({ code: 'credentials_refused' });
    await expect(connectWithCredentials(deps, { ...request(), trustedOrigin: null })).rejects.toMatchObject({
      code: 'bad_request',
      details: { where: 'values.url' },
    });
    expect(await row()).toBeNull();
  });

  it('goes from nothing to working in one step', async () => {
    const connected = await connectWithCredentials(deps, request());
    expect(connected).toMatchObject({
      slug: 'erp',
      provider: 'odoo',
      account: { userName: adminOf(sandbox).username },
    });
    expect(await row()).toMatchObject({
      state: 'working',
      accountId: connected.account.accountId,
      apiUrl: sandbox.url,
      lastError: null,
    });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'connection_state_changed', to: 'working' }));
    const session = connector.open(await access());
    expect(await session.countRecords('res.partner')).toBe(sandbox.health.counts['res.partner']);
  });

  it('keeps no secret in plain text, and tells none', async () => {
    const key = odooValues(sandbox)['api_key'] ?? '';
    const rows = await db.tenantTx(tenant, (tx) =>
      tx.query<{ sealed: Uint8Array }>('select sealed from credential where tenant = $1', [tenant]),
    );
    expect(rows).toHaveLength(1);
    expect(Buffer.from(rows[0]?.sealed ?? []).toString('latin1')).not.toContain(key);
    expect(JSON.stringify(events)).not.toContain(key);
  });

  it('signs in again once, however many sessions were refused', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, () => access()));
    const tokens = await Promise.all(sessions.map((each) => each.token()));
    const generation = tokens[0]?.generation ?? 0;
    const before = events.filter((event) => event.kind === 'token_refreshed').length;
    const renewed = await Promise.all(sessions.map((each) => each.renew(generation)));
    expect(renewed.every((each) => each.generation === generation + 1)).toBe(true);
    expect(renewed[0]?.context).toMatchObject({ dialect: 'json2' });
    expect(events.filter((event) => event.kind === 'token_refreshed').length - before).toBe(1);
  });

  it('refuses to mix two accounts, or two integrations, under one connection', async () => {
    const before = await row();
    // The same server by another name is another account to us: nothing else tells databases apart.
    const url = sandbox.url.replace('127.0.0.1', 'localhost');
    const elsewhere = { ...request({ ...odooValues(sandbox), url }), trustedOrigin: url };
    await expect(connectWithCredentials(deps, elsewhere)).rejects.toMatchObject({ code: 'connection_account_differs' });
    await expect(connectWithCredentials(deps, { ...request(), integration: 'crm' })).rejects.toMatchObject({
      code: 'bad_request',
    });
    expect(await row()).toEqual(before);
  });

  it('asks for a new key when the old one is revoked, and works again after it', async () => {
    const session = connector.open(await access());
    await sandbox.control('POST', 'revoke', {});
    await expect(session.identify()).rejects.toMatchObject({ code: 'connection_reauth_required' });
    const ended = await row();
    expect(ended).toMatchObject({
      state: 'reauth_required',
      lastError: expect.objectContaining({ code: 'connection_reauth_required' }),
    });
    expect(JSON.stringify(ended)).not.toContain(odooValues(sandbox)['api_key']);
    const { users } = await sandbox.control<{ users: TestSandbox['health']['users'] }>('GET', 'health');
    const admin = users.find((user) => user.id === adminOf(sandbox).id) ?? adminOf(sandbox);
    await connectWithCredentials(deps, request(odooValues(sandbox, admin)));
    expect(await row()).toMatchObject({ state: 'working', lastError: null });
  });
});
