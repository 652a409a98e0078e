import { GantryError, type ConnectionId, type TenantId } from '../kernel/index.ts';
import type { Connector, OAuthApp } from '../connectors/index.ts';
import { destroyCredentials, lockConnection, updateConnection } from '../store/index.ts';
import type { ConnectionDeps } from './deps.ts';
import { inRenewalTurn } from './renewal-turn.ts';
import { createTokenStore, credentialKey, type StoredTokens } from './token-store.ts';

/**
 * What became of a grant that we ended. `at_provider`: the provider confirmed
 * that it ended there, too. `not_offered`: the provider has no way to end it
 * by a call, or it was credentials. `not_confirmed`: it was asked and did not
 * confirm, so it may still list the grant; nobody here can use it any more.
 */
export type Revocation = 'at_provider' | 'not_offered' | 'not_confirmed';

export interface GrantToEnd {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly slug: string;
  readonly connector: Connector;
  readonly app: OAuthApp | null;
}

/**
 * Ends the grant at the provider, as well as that goes, and destroys every
 * credential of the connection in any case. In the credential's turn, so that
 * a renewal under way neither brings it back nor uses what is being ended.
 * Raises `sign_in_busy`; doing it again is harmless.
 */
export async function endGrant(deps: ConnectionDeps, grant: GrantToEnd): Promise<Revocation> {
  const { tenant, connection, slug } = grant;
  return inRenewalTurn(deps, credentialKey({ tenant, connection }), slug, async () => {
    const revocation = await endAtProvider(deps, grant);
    await deps.db.tenantTx(
      tenant,
      async (tx) => {
        const row = await lockConnection(tx, tenant, connection);
        // Somebody signed in again meanwhile: their sign-in is not the one to end.
        if (row === null || (row.state !== 'revoked' && row.state !== 'deleted')) return;
        // The connection itself goes next, and its credentials with it: that is counted together.
        if (row.state === 'deleted') return void (await updateConnection(tx, tenant, connection, { revocation }));
        const destroyed = await destroyCredentials(tx, tenant, connection);
        // A second time there is nothing left to end: what the first time found stands.
        if (destroyed > 0) await updateConnection(tx, tenant, connection, { revocation });
      },
      'connection.destroy_credentials',
    );
    deps.onEvent({ kind: 'connection_grant_ended', tenant, connection, revocation });
    return revocation;
  });
}

async function endAtProvider(deps: ConnectionDeps, grant: GrantToEnd): Promise<Revocation> {
  const { connector, app } = grant;
  try {
    const tokens = await deps.db.tenantRead(grant.tenant, (tx) => createTokenStore(deps.vault).read(tx, grant));
    const revoke = connector.oauth?.revoke;
    if (tokens === null || tokens.entered !== null || revoke === undefined || app === null) return 'not_offered';
    return (await revoke(at(app, tokens), tokens)) ? 'at_provider' : 'not_confirmed';
  } catch (error) {
    // Tokens that do not open, a provider that does not answer: ours to destroy all the same.
    if (error instanceof GantryError) return 'not_confirmed';
    throw error;
  }
}

const at = (app: OAuthApp, { loginUrl }: StoredTokens): OAuthApp => ({
  ...app,
  loginUrl: loginUrl === '' ? app.loginUrl : loginUrl,
});
