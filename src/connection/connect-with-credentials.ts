import type { TenantId } from '../kernel/index.ts';
import type { Connector, OAuthApp } from '../connectors/index.ts';
import { addConnection, findConnection, type Tx } from '../store/index.ts';
import { identityOf, refuseOtherAccount, refuseOtherIntegration } from './account-check.ts';
import type { Connected } from './connect.ts';
import { checkedValues, credentialMethod, type CredentialValues } from './credential-values.ts';
import type { ConnectionState } from './connection-state.ts';
import type { ConnectionDeps } from './deps.ts';
import { recordConnectionEvent } from './record-event.ts';
import { createTokenStore } from './token-store.ts';

export interface CredentialSignIn {
  readonly tenant: TenantId;
  /** Slug of the connection, new or known. */
  readonly slug: string;
  readonly integration: string;
  readonly connector: Connector;
  /** Null where none is configured; not every way in needs one. */
  readonly app: OAuthApp | null;
  /** An address that the operator configured: accepted whatever the fields' hosts are. */
  readonly trustedOrigin: string | null;
  readonly method: string;
  readonly values: CredentialValues;
  /** Awaited in the transaction that keeps the credentials: what it throws keeps nothing. */
  readonly onKeep?: (tx: Tx) => Promise<void>;
}

/**
 * Signs in with what the customer's administrator entered, in one step: the
 * provider is asked first, and a connection appears only when it agreed. The
 * values are sealed beside the tokens, because renewals sign in again. Raises
 * `sign_in_unsupported`, `bad_request`, `credentials_refused` and
 * `connection_account_differs`.
 */
export async function connectWithCredentials(deps: ConnectionDeps, request: CredentialSignIn): Promise<Connected> {
  const { tenant, slug, integration, connector, app } = request;
  const { provider } = connector;
  const method = credentialMethod(connector, request.method);
  const values = checkedValues(method, request.values, request.trustedOrigin);
  refuseOtherIntegration(await deps.db.tenantRead(tenant, (tx) => findConnection(tx, tenant, slug)), integration);
  const tokens = await method.signIn(app, values);
  const account = await identityOf(connector, tokens);
  const saved = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const known = await findConnection(tx, tenant, slug);
      // Somebody else may have taken the name while the provider was asked.
      refuseOtherIntegration(known, integration);
      if (known !== null) refuseOtherAccount(known, account);
      const connection =
        known?.id ?? (await addConnection(tx, { tenant, slug, integration, provider, state: 'created' }));
      const signIn = { loginUrl: app?.loginUrl ?? '', entered: { method: method.name, values } };
      await createTokenStore(deps.vault).save(tx, { tenant, connection }, tokens, signIn);
      const { accountId, accountName } = account;
      const facts = { accountId, accountName, apiUrl: tokens.apiUrl };
      const events = await recordConnectionEvent(tx, { tenant, connection, event: 'consent_given', facts });
      await request.onKeep?.(tx);
      const from = known === null ? null : (known.state as ConnectionState);
      await deps.changed?.(tx, tenant, {
        slug,
        by: null,
        event: 'consent_given',
        from,
        note: null,
        account: accountName,
      });
      return { connection, events };
    },
    'connection.keep_credentials',
  );
  for (const event of saved.events) deps.onEvent(event);
  return { tenant, connection: saved.connection, slug, integration, provider, account };
}
