import { GantryError, limits, type ConnectionId, type TenantId } from '../kernel/index.ts';
import type { AccountIdentity, Connector, OAuthApp, TokenSet } from '../connectors/index.ts';
import { addConnection, addOauthState, findConnection, takeOauthState, type Tx } from '../store/index.ts';
import { identityOf, refuseOtherAccount, refuseOtherIntegration, reportRefusedAccount } from './account-check.ts';
import { spendConnectToken } from './connect-tokens.ts';
import type { ConnectionState } from './connection-state.ts';
import type { ConnectionDeps } from './deps.ts';
import type { ConnectionLogEvent } from './events.ts';
import { oauthOf } from './oauth-of.ts';
import { newPkce, newState } from './pkce.ts';
import { recordConnectionEvent } from './record-event.ts';
import { createTokenStore } from './token-store.ts';

export interface ConnectRequest {
  readonly tenant: TenantId;
  /** Slug of the connection, new or known. */
  readonly slug: string;
  readonly integration: string;
  readonly connector: Connector;
  readonly app: OAuthApp;
  readonly redirectUri: string;
  /** Asked for beside the connector's own. */
  readonly scopes?: readonly string[];
  /** The connect page's token that this sign-in is made with; absent: an operator started it. */
  readonly connectToken?: string;
}

/** What has to survive between the two halves of a sign-in; sealed in the database. */
interface Attempt {
  readonly integration: string;
  readonly provider: string;
  readonly redirectUri: string;
  readonly verifier: string;
  /** The code is worth something only where it was given out. */
  readonly loginUrl: string;
  /** Only the browser that holds it may end the sign-in, and that uses it up. */
  readonly connectToken?: string;
}

/** Sends a person to the provider's consent page: they open `authorizeUrl`. The state in it is good once, for ten minutes. */
export async function startConnect(
  deps: ConnectionDeps,
  request: ConnectRequest,
): Promise<{ authorizeUrl: string; expiresAt: Date }> {
  const { tenant, slug, integration, connector, app, redirectUri, scopes = [] } = request;
  const pkce = newPkce(deps.random);
  const state = newState(deps.random);
  const attempt: Attempt = {
    integration,
    provider: connector.provider,
    redirectUri,
    verifier: pkce.verifier,
    loginUrl: app.loginUrl,
    ...(request.connectToken === undefined ? {} : { connectToken: request.connectToken }),
  };
  const begun = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const known = await findConnection(tx, tenant, slug);
      refuseOtherIntegration(known, integration);
      const connection =
        known?.id ??
        (await addConnection(tx, { tenant, slug, integration, provider: connector.provider, state: 'created' }));
      return {
        events: await recordConnectionEvent(tx, { tenant, connection, event: 'consent_started' }),
        payload: await deps.vault.seal(tx, tenant, contextOf(slug), JSON.stringify(attempt)),
      };
    },
    'connection.start_connect',
  );
  const expiresAt = await deps.db.tx(async (tx) => {
    await addOauthState(tx, { state, tenant, connection: slug, payload: begun.payload });
    return new Date(tx.now.getTime() + limits.oauthStateTtlMs);
  }, 'connection.keep_state');
  report(deps, begun.events);
  return {
    authorizeUrl: oauthOf(connector).authorizeUrl(app, { redirectUri, state, codeChallenge: pkce.challenge, scopes }),
    expiresAt,
  };
}

export interface Connected {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly slug: string;
  readonly integration: string;
  readonly provider: string;
  readonly account: AccountIdentity;
  /** The connect page began it. */
  readonly byConnectPage?: boolean;
}

/** The connector and OAuth app of an integration, as the caller's manifest and configuration have it. */
export type ConnectorFor = (integration: string, provider: string) => { connector: Connector; app: OAuthApp };

/**
 * The provider sent the person back. Raises `oauth_state_invalid` for a state
 * that is unknown, used or expired, what the connector raises for a refused
 * code, and `connection_account_differs` when somebody signed in to another
 * account than the one whose records are here.
 */
export async function finishConnect(
  deps: ConnectionDeps,
  answer: {
    readonly state: string;
    readonly code: string;
    /** What the browser that came back holds. */
    readonly connectToken?: string | null;
  },
  connectorFor: ConnectorFor,
): Promise<Connected> {
  const taken = await takeAttempt(deps, answer.state);
  const { tenant, slug, attempt } = taken;
  refuseOtherBrowser(attempt, answer.connectToken ?? null);
  const { connector, app } = connectorFor(attempt.integration, attempt.provider);
  const { loginUrl } = attempt;
  const tokens = await oauthOf(connector).exchangeCode(
    { ...app, loginUrl },
    {
      code: answer.code,
      redirectUri: attempt.redirectUri,
      codeVerifier: attempt.verifier,
    },
  );
  const account = await identityOf(connector, tokens);
  const saved = await deps.db
    .tenantTx(tenant, (tx) => saveGrant(deps, tx, { ...taken, tokens, account }), 'connection.keep_grant')
    .catch(async (error: unknown) => {
      await reportRefusedAccount(deps, tenant, slug, error);
      throw error;
    });
  report(deps, saved.events);
  const { integration, provider } = attempt;
  const byConnectPage = attempt.connectToken !== undefined;
  return { tenant, connection: saved.connection, slug, integration, provider, account, byConnectPage };
}

interface TakenAttempt {
  readonly tenant: TenantId;
  readonly slug: string;
  readonly attempt: Attempt;
}

async function takeAttempt(deps: ConnectionDeps, state: string): Promise<TakenAttempt> {
  const row = await deps.db.tx((tx) => takeOauthState(tx, state), 'connection.take_state');
  if (row === null) {
    throw new GantryError('oauth_state_invalid', {
      message: 'This sign-in was not started here, has been used, or took longer than ten minutes.',
    });
  }
  const text = await deps.db.tenantRead(row.tenant, (tx) =>
    deps.vault.open(tx, row.tenant, contextOf(row.connection), row.payload),
  );
  return { tenant: row.tenant, slug: row.connection, attempt: JSON.parse(text) as Attempt };
}

/** Somebody who is sent to a sign-in that another person began would connect that person's account, or theirs for them. */
function refuseOtherBrowser(attempt: Attempt, held: string | null): void {
  if (attempt.connectToken === undefined || attempt.connectToken === held) return;
  throw new GantryError('oauth_state_invalid', {
    message: 'This sign-in was begun in another browser, or its cookies are gone.',
    fix: 'Open the connect page again from the product, and stay in one browser.',
  });
}

/** A sign-in that the person declined: its state can not be used any more. Unknown states are no news. */
export async function abandonConnect(deps: ConnectionDeps, state: string): Promise<void> {
  const row = await deps.db.tx((tx) => takeOauthState(tx, state), 'connection.abandon_state');
  if (row === null) return;
  const { tenant, connection: slug } = row;
  const events = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const known = await findConnection(tx, tenant, slug);
      if (known === null) return [];
      return recordConnectionEvent(tx, { tenant, connection: known.id, event: 'consent_declined' });
    },
    'connection.abandon',
  );
  report(deps, events);
}

async function saveGrant(
  deps: ConnectionDeps,
  tx: Tx,
  grant: TakenAttempt & { readonly tokens: TokenSet; readonly account: AccountIdentity },
): Promise<{ connection: ConnectionId; events: ConnectionLogEvent[] }> {
  const { tenant, slug, tokens, account } = grant;
  const row = await findConnection(tx, tenant, slug);
  if (row === null) throw new GantryError('not_found', { message: `Connection ${slug} was removed meanwhile.` });
  refuseOtherIntegration(row, grant.attempt.integration);
  refuseOtherAccount(row, account);
  const { connectToken } = grant.attempt;
  if (connectToken !== undefined) await spendConnectToken(tx, { tenant, token: connectToken, connection: slug });
  await createTokenStore(deps.vault).save(tx, { tenant, connection: row.id }, tokens, {
    loginUrl: grant.attempt.loginUrl,
    entered: null,
  });
  const { accountId, accountName } = account;
  const facts = { accountId, accountName, apiUrl: tokens.apiUrl };
  const from = row.state as ConnectionState;
  const events = await recordConnectionEvent(tx, { tenant, connection: row.id, event: 'consent_given', facts });
  await deps.changed?.(tx, tenant, { slug, by: null, event: 'consent_given', from, note: null, account: accountName });
  return { connection: row.id, events };
}

function report(deps: ConnectionDeps, events: readonly ConnectionLogEvent[]): void {
  for (const event of events) deps.onEvent(event);
}

const contextOf = (slug: string): { connection: string; purpose: string } => ({
  connection: slug,
  purpose: 'oauth-state',
});
