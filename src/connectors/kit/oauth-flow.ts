import { GantryError, type JsonObject } from '../../kernel/index.ts';
import type { OAuthApp, OAuthConnector, TokenSet } from '../contract.ts';
import { isSendable, lifeIn, notAToken, tokenCall, type TokenAnswer } from './auth-call.ts';
import type { Declaration } from './declaration.ts';
import { revokeGrant } from './oauth-revoke.ts';

/**
 * OAuth 2 code flow with PKCE (RFC 6749, RFC 7636), the provider's differences
 * taken from its declaration. Token calls are never repeated here: a provider
 * that rotates has already spent the refresh token when the answer is lost.
 */
export function oauthFlow(provider: OAuthProvider): OAuthConnector {
  const { title, auth } = provider;
  const { revoke } = auth;
  return {
    ...(revoke === undefined
      ? {}
      : {
          revoke: (app, tokens) =>
            revokeGrant(revoke, revoke.by === 'bearer' ? tokens.apiUrl : originOf(auth, app, 'token'), tokens),
        }),
    defaultLoginUrl: auth.login_url,
    loginHosts: auth.login_hosts,
    scopes: auth.scopes,
    refreshReuseS: auth.refresh_reuse_s,
    authorizeUrl(app, request) {
      const url = new URL(auth.authorize, app.loginUrl);
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: app.clientId,
        redirect_uri: request.redirectUri,
        scope: [...auth.scopes, ...(request.scopes ?? [])].join(' '),
        state: request.state,
        code_challenge: request.codeChallenge,
        code_challenge_method: 'S256',
        ...auth.authorize_params,
      }).toString();
      return url.toString();
    },
    async exchangeCode(app, request) {
      const answer = await grantCall(provider, app, {
        grant_type: 'authorization_code',
        code: request.code,
        redirect_uri: request.redirectUri,
        code_verifier: request.codeVerifier,
      });
      if (answer.kind === 'refused') {
        throw new GantryError('oauth_denied', {
          message: `${title} did not exchange the sign-in code for a token.`,
          data: { reason: answer.reason },
        });
      }
      return tokenSet(provider, app, answer.body, null);
    },
    async refresh(app, tokens) {
      const answer = await grantCall(provider, app, {
        grant_type: 'refresh_token',
        refresh_token: tokens.refreshToken,
      });
      if (answer.kind === 'refused') {
        const appRefused = APP_REASONS.has(answer.reason);
        throw new GantryError(appRefused ? 'oauth_denied' : 'connection_reauth_required', {
          message: appRefused
            ? `${title} does not accept the registered application.`
            : `${title} no longer accepts the grant of this connection.`,
          data: { reason: answer.reason },
        });
      }
      return tokenSet(provider, app, answer.body, tokens);
    },
  };
}

type OAuthFacts = NonNullable<Declaration['auth']>;

export interface OAuthProvider {
  readonly title: string;
  readonly auth: OAuthFacts;
}

function grantCall(
  { title, auth }: OAuthProvider,
  app: OAuthApp,
  grant: Readonly<Record<string, string>>,
): Promise<TokenAnswer> {
  return tokenCall({
    title,
    url: new URL(auth.token, originOf(auth, app, 'token')),
    body: {
      as: auth.token_body,
      fields: { ...auth.token_params, ...grant, client_id: app.clientId, client_secret: app.clientSecret },
    },
  });
}

/** A wrong client secret is the operator's mistake: signing in again would not help. */
const APP_REASONS = new Set(['invalid_client', 'invalid_client_id', 'unauthorized_client']);

function tokenSet(
  { title, auth }: OAuthProvider,
  app: OAuthApp,
  body: JsonObject,
  old: { refreshToken: string; apiUrl: string } | null,
): TokenSet {
  const accessToken = body['access_token'];
  if (!isSendable(accessToken)) throw notAToken(title, auth.token);
  const refreshToken = body['refresh_token'];
  const scope = body['scope'];
  return {
    accessToken,
    // A provider that does not rotate leaves it out.
    refreshToken: isSendable(refreshToken) ? refreshToken : (old?.refreshToken ?? null),
    expiresInS: lifeIn(body['expires_in']),
    scope: typeof scope === 'string' ? scope : null,
    apiUrl: apiUrlOf(auth, app, body) ?? old?.apiUrl ?? raise(notAToken(title, auth.token)),
    ...refreshLife(auth, body),
  };
}

/** As the answer states it (Zendesk: `refresh_token_expires_in`), or as the provider documents it. */
function refreshLife(auth: OAuthFacts, body: JsonObject): Pick<TokenSet, 'refreshExpiresInS'> {
  const idleS = auth.refresh_idle_days === undefined ? null : auth.refresh_idle_days * DAY_S;
  const life = lifeIn(body['refresh_token_expires_in']) ?? idleS;
  return life === null ? {} : { refreshExpiresInS: life };
}

const DAY_S = 86_400;

function apiUrlOf(auth: OAuthFacts, app: OAuthApp, body: JsonObject): string | null {
  const { api_url: where } = auth;
  const stated = where === 'login' ? originOf(auth, app, 'api') : body[where.from];
  if (typeof stated !== 'string' || !URL.canParse(stated)) return null;
  const url = new URL(stated);
  // Tokens travel in clear only where the login itself is a sandbox without TLS.
  if (url.protocol !== 'https:' && new URL(app.loginUrl).protocol === 'https:') return null;
  return url.origin;
}

/** Where a service of this login lives. */
function originOf(auth: OAuthFacts, app: OAuthApp, service: 'token' | 'api'): string {
  const own = auth.origins[service];
  const isCommon = auth.login_url !== null && new URL(app.loginUrl).origin === new URL(auth.login_url).origin;
  return own !== undefined && isCommon ? own : app.loginUrl;
}

function raise(error: Error): never {
  throw error;
}
