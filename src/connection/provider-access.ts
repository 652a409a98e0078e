import { GantryError, limits } from '../kernel/index.ts';
import type { Connector, OAuthApp, ProviderAccess, UpstreamCall } from '../connectors/index.ts';
import type { ConnectionDeps } from './deps.ts';
import { oauthOf } from './oauth-of.ts';
import { recordConnectionEvent } from './record-event.ts';
import { createTokenStore, type StoredTokens, type TokenKey } from './token-store.ts';

export interface AccessRequest extends TokenKey {
  /** For messages. */
  readonly slug: string;
  readonly apiUrl: string;
  readonly connector: Connector;
  readonly app: OAuthApp;
  readonly onCall?: (call: UpstreamCall) => void;
}

type Token = Awaited<ReturnType<ProviderAccess['token']>>;

/**
 * A session's way to valid tokens. Refreshing holds the credential's row lock
 * across the call to the provider, so that however many processes notice an
 * expired token, one of them refreshes and the others find the new generation:
 * providers that rotate refresh tokens end the grant when one is used twice.
 */
export function providerAccess(deps: ConnectionDeps, request: AccessRequest): ProviderAccess {
  const { tenant, connection, slug, connector, app } = request;
  const key: TokenKey = { tenant, connection };
  const store = createTokenStore(deps.vault);
  let known: StoredTokens | null = null;
  let renewing: { readonly generation: number; readonly done: Promise<Token> } | null = null;

  const refreshOnce = async (generation: number): Promise<Token> => {
    const outcome = await deps.db.tenantTx(tenant, async (tx) => {
      const stored = await store.lock(tx, key);
      if (stored === null) throw grantGone(slug, 'nobody has signed in yet');
      if (stored.generation > generation) return { tokens: stored, refreshed: false };
      if (stored.refreshToken === null) throw grantGone(slug, 'the provider gave no refresh token');
      const { refreshToken, apiUrl, loginUrl } = stored;
      const fresh = await oauthOf(connector).refresh({ ...app, loginUrl }, { refreshToken, apiUrl });
      return { tokens: await store.save(tx, key, fresh, loginUrl), refreshed: true };
    });
    known = outcome.tokens;
    if (outcome.refreshed) {
      deps.onEvent({ kind: 'token_refreshed', tenant, connection, generation: outcome.tokens.generation });
    }
    return tokenOf(outcome.tokens);
  };

  const renew = async (generation: number): Promise<Token> => {
    if (known !== null && known.generation > generation) return tokenOf(known);
    if (renewing?.generation !== generation) {
      const done = refreshOnce(generation).catch(async (error: unknown) => {
        await endGrantIfTold(deps, key, error);
        throw error;
      });
      renewing = { generation, done };
    }
    return renewing.done;
  };

  return {
    apiUrl: request.apiUrl,
    token: async () => {
      known ??= await deps.db.tenantTx(tenant, (tx) => store.read(tx, key));
      if (known === null) throw grantGone(slug, 'nobody has signed in yet');
      const leftMs = known.expiresAt === null ? Infinity : known.expiresAt.getTime() - deps.clock.now().getTime();
      // Wrong clocks only cost an early or a late refresh here: the provider's 401 decides.
      if (leftMs > limits.tokenRefreshMarginMs || known.refreshToken === null) return tokenOf(known);
      return renew(known.generation);
    },
    renew,
    ...(request.onCall === undefined ? {} : { onCall: request.onCall }),
  };
}

async function endGrantIfTold(deps: ConnectionDeps, key: TokenKey, error: unknown): Promise<void> {
  if (!(error instanceof GantryError) || error.code !== 'connection_reauth_required') return;
  const events = await deps.db.tenantTx(key.tenant, (tx) =>
    recordConnectionEvent(tx, { ...key, event: 'grant_ended', error: error.toBody() }),
  );
  for (const event of events) deps.onEvent(event);
}

function tokenOf({ accessToken, generation }: StoredTokens): Token {
  return { accessToken, generation };
}

function grantGone(slug: string, why: string): GantryError {
  return new GantryError('connection_reauth_required', {
    message: `Connection ${slug} cannot be used: ${why}.`,
    where: slug,
  });
}
