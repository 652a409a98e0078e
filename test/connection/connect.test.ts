import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  abandonConnect,
  finishConnect,
  providerAccess,
  startConnect,
  type ConnectionDeps,
  type ConnectionLogEvent,
  type ConnectorFor,
} from '../../src/connection/index.ts';
import { connectorRegistry, requireConnector } from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { addTenant, findConnection, type ConnectionRow, type Db } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { adminOf, browse, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { describeEachStore } from '../support/stores.ts';

describeEachStore('connecting a Zendesk account', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let other: TestSandbox;
  let tenant: TenantId;
  let deps: ConnectionDeps;
  const events: ConnectionLogEvent[] = [];
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'zendesk');
  const connectorFor: ConnectorFor = () => ({ connector, app: sandbox.app });

  beforeAll(async () => {
    [db, sandbox, other] = await Promise.all([
      open(),
      startSandbox('zendesk', { scale: 2_000 }),
      startSandbox('zendesk', { scale: 2_000, seed: 2 }),
    ]);
    tenant = await addTenant(db, { slug: `acme-${kind}`, at: new Date('2026-01-01') });
    const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
    deps = { db, vault, clock: systemClock, random: systemRandom, onEvent: (event) => events.push(event) };
  });
  afterAll(async () => {
    await sandbox.stop();
    await other.stop();
  });

  const request = (at: TestSandbox): Parameters<typeof startConnect>[1] => ({
    tenant,
    slug: 'support',
    integration: 'support',
    connector,
    app: at.app,
    redirectUri: at.redirectUri,
  });
  const row = async (): Promise<ConnectionRow> => {
    const found = await db.tenantTx(tenant, (tx) => findConnection(tx, tenant, 'support'));
    if (found === null) throw new Error('no connection');
    return found;
  };
  /** What the browser brings back. */
  const consent = async (at: TestSandbox): Promise<{ state: string; code: string }> => {
    const { authorizeUrl } = await startConnect(deps, request(at));
    const back = await browse(authorizeUrl, at.redirectUri, adminOf(at));
    return { state: back.searchParams.get('state') ?? '', code: back.searchParams.get('code') ?? '' };
  };

  it('goes from nothing to working by a real sign-in', async () => {
    const answer = await consent(sandbox);
    expect((await row()).state).toBe('authorising');
    const connected = await finishConnect(deps, answer, connectorFor);
    expect(connected).toMatchObject({ tenant, slug: 'support', provider: 'zendesk' });
    expect(await row()).toMatchObject({ state: 'working', accountId: connected.account.accountId, lastError: null });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'connection_state_changed', to: 'working' }));
  });

  it('takes a state once, and none that it did not give out', async () => {
    const answer = await consent(sandbox);
    await finishConnect(deps, answer, connectorFor);
    await expect(finishConnect(deps, answer, connectorFor)).rejects.toMatchObject({ code: 'oauth_state_invalid' });
    await expect(finishConnect(deps, { ...answer, state: 'x' }, connectorFor)).rejects.toMatchObject({
      code: 'oauth_state_invalid',
    });
  });

  it('makes the state of a declined sign-in worthless', async () => {
    const answer = await consent(sandbox);
    await abandonConnect(deps, answer.state);
    await expect(finishConnect(deps, answer, connectorFor)).rejects.toMatchObject({ code: 'oauth_state_invalid' });
    expect((await row()).state).toBe('working');
  });

  it('keeps no secret in plain text', async () => {
    const rows = await db.tenantTx(tenant, (tx) =>
      tx.query<{ sealed: Uint8Array }>('select sealed from credential where tenant = $1', [tenant]),
    );
    expect(rows).toHaveLength(1);
    const text = Buffer.from(rows[0]?.sealed ?? []).toString('latin1');
    expect(text).not.toMatch(/accessToken|refreshToken|127\.0\.0\.1/);
  });

  it('refreshes once, however many sessions find the token expired', async () => {
    const { id, apiUrl } = await row();
    const session = (): ReturnType<typeof providerAccess> =>
      providerAccess(deps, {
        tenant,
        connection: id,
        slug: 'support',
        integration: 'support',
        apiUrl: apiUrl ?? '',
        connector,
        app: sandbox.app,
      });
    // Each has its own memory, like sessions in different processes.
    const sessions = Array.from({ length: 12 }, session);
    const tokens = await Promise.all(sessions.map((each) => each.token()));
    const generation = tokens[0]?.generation ?? 0;
    const before = await tokenCalls(sandbox);
    const renewed = await Promise.all(sessions.map((each) => each.renew(generation)));
    expect(new Set(renewed.map((each) => each.accessToken)).size).toBe(1);
    expect(renewed.every((each) => each.generation === generation + 1)).toBe(true);
    expect((await tokenCalls(sandbox)) - before).toBe(1);
    const user = await connector.open(session()).identify();
    expect(user.accountId).toBe((await row()).accountId);
  });

  it('brings code and refresh token to where this customer signed in, whatever is configured', async () => {
    const answer = await consent(sandbox);
    const elsewhere = { ...sandbox.app, loginUrl: 'https://elsewhere.zendesk.com' };
    await finishConnect(deps, answer, () => ({ connector, app: elsewhere }));
    const { id, apiUrl } = await row();
    const access = providerAccess(deps, {
      tenant,
      connection: id,
      slug: 'support',
      integration: 'support',
      apiUrl: apiUrl ?? '',
      connector,
      app: elsewhere,
    });
    const { generation } = await access.token();
    expect((await access.renew(generation)).generation).toBe(generation + 1);
  });

  it('asks for a new sign-in when the provider ends the grant, and works again after it', async () => {
    const { id, apiUrl } = await row();
    await sandbox.control('POST', 'revoke', {});
    const session = connector.open(
      providerAccess(deps, {
        tenant,
        connection: id,
        slug: 'support',
        integration: 'support',
        apiUrl: apiUrl ?? '',
        connector,
        app: sandbox.app,
      }),
    );
    await expect(session.identify()).rejects.toMatchObject({ code: 'connection_reauth_required' });
    expect(await row()).toMatchObject({
      state: 'reauth_required',
      lastError: expect.objectContaining({ code: 'connection_reauth_required' }),
    });
    await finishConnect(deps, await consent(sandbox), connectorFor);
    expect(await row()).toMatchObject({ state: 'working', lastError: null });
  });

  it('refuses to mix two accounts under one connection', async () => {
    const answer = await consent(other);
    await expect(finishConnect(deps, answer, () => ({ connector, app: other.app }))).rejects.toMatchObject({
      code: 'connection_account_differs',
    });
    expect((await row()).state).toBe('working');
  });
});

async function tokenCalls(sandbox: TestSandbox): Promise<number> {
  const { entries } = await sandbox.control<{ entries: { path: string }[] }>('GET', 'ledger?limit=100000');
  return entries.filter((entry) => entry.path.startsWith('/oauth/tokens')).length;
}
