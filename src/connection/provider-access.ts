import { GantryError, limits } from '../kernel/index.ts';
import type { AccessToken, Connector, OAuthApp, ProviderAccess, TokenSet, UpstreamCall } from '../connectors/index.ts';
import { appMissing } from './app-missing.ts';
import { credentialMethod } from './credential-values.ts';
import type { ConnectionDeps } from './deps.ts';
import { oauthOf } from './oauth-of.ts';
import { recordConnectionEvent } from './record-event.ts';
import { createTokenStore, type StoredTokens, type TokenKey } from './token-store.ts';

export interface AccessRequest extends TokenKey {
  /** For messages. */
  readonly slug: string;
  readonly integration: string;
  readonly apiUrl: string;
  readonly connector: Connector;
  /** Null where the integration has none: credentials may do without. */
  readonly app: OAuthApp | null;
  readonly onCall?: (call: UpstreamCall) => void;
}

/**
 * A session's way to valid tokens. Refreshing holds the credential's row lock
 * across the call to the provider, so that however many processes notice an
 * expired token, one of them refreshes and the others find the new generation:
 * providers that rotate refresh tokens end the grant when one is used twice.
 */
export function providerAccess(deps: ConnectionDeps, request: AccessRequest): ProviderAccess {
  const { tenant, connection, slug } = request;
  const key: TokenKey = { tenant, connection };
  const store = createTokenStore(deps.vault);
  let known: StoredTokens | null = null;
  let renewing: { readonly generation: number; readonly done: Promise<AccessToken> } | null = null;

  const refreshOnce = async (generation: number): Promise<AccessToken> => {
    const outcome = await deps.db.tenantTx(
      tenant,
      async (tx) => {
        const stored = await store.lock(tx, key);
        if (stored === null) throw grantGone(slug, 'nobody has signed in yet');
        if (stored.generation > generation) return { tokens: stored, refreshed: false };
        const fresh = await freshTokens(request, stored);
        return { tokens: await store.save(tx, key, fresh, stored), refreshed: true };
      },
      'connection.refresh',
    );
    known = outcome.tokens;
    if (outcome.refreshed) {
      deps.onEvent({ kind: 'token_refreshed', tenant, connection, generation: outcome.tokens.generation });
    }
    return tokenOf(outcome.tokens);
  };

  const renew = async (generation: number): Promise<AccessToken> => {
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
      known ??= await deps.db.tenantRead(tenant, (tx) => store.read(tx, key));
      if (known === null) throw grantGone(slug, 'nobody has signed in yet');
      const leftMs = known.expiresAt === null ? Infinity : known.expiresAt.getTime() - deps.clock.now().getTime();
      // Wrong clocks only cost an early or a late refresh here: the provider's 401 decides.
      if (leftMs > limits.tokenRefreshMarginMs || !isRenewable(known)) return tokenOf(known);
      return renew(known.generation);
    },
    renew,
    ...(request.onCall === undefined ? {} : { onCall: request.onCall }),
  };
}

const isRenewable = (tokens: StoredTokens): boolean => tokens.refreshToken !== null || tokens.entered !== null;

/** By the refresh token, or by what was entered: signing in again is how credentials are renewed. */
async function freshTokens(
  { slug, connector, app, integration }: AccessRequest,
  stored: StoredTokens,
): Promise<TokenSet> {
  const { refreshToken, apiUrl, loginUrl, entered } = stored;
  // Credentials may have been entered when there was no application yet.
  const appThere = app === null ? null : { ...app, loginUrl: loginUrl === '' ? app.loginUrl : loginUrl };
  if (entered === null) {
    if (refreshToken === null) throw grantGone(slug, 'the provider gave no refresh token');
    if (appThere === null) throw appMissing(integration);
    return oauthOf(connector).refresh(appThere, { refreshToken, apiUrl });
  }
  try {
    return await credentialMethod(connector, entered.method).signIn(appThere, entered.values);
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'credentials_refused') throw error;
    throw grantGone(slug, 'the provider no longer accepts what was entered for it', error);
  }
}

async function endGrantIfTold(deps: ConnectionDeps, key: TokenKey, error: unknown): Promise<void> {
  if (!(error instanceof GantryError) || error.code !== 'connection_reauth_required') return;
  const events = await deps.db.tenantTx(
    key.tenant,
    (tx) => recordConnectionEvent(tx, { ...key, event: 'grant_ended', error: error.toBody() }),
    'connection.end_grant',
  );
  for (const event of events) deps.onEvent(event);
}

function tokenOf({ accessToken, generation, context }: StoredTokens): AccessToken {
  return { accessToken, generation, ...(context === null ? {} : { context }) };
}

function grantGone(slug: string, why: string, cause?: GantryError): GantryError {
  return new GantryError('connection_reauth_required', {
    message: `Connection ${slug} cannot be used: ${why}.`,
    where: slug,
    ...(cause === undefined ? {} : { cause }),
    ...(cause?.details.fix === undefined ? {} : { fix: cause.details.fix }),
  });
}
