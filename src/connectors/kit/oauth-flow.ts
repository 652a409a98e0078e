import { GantryError, isJsonObject, limits, send, type JsonObject } from '../../kernel/index.ts';
import type { OAuthApp, OAuthConnector, TokenSet } from '../contract.ts';
import type { Declaration } from './declaration.ts';
import { readBody, type BodyResult } from './response-body.ts';

/**
 * OAuth 2 code flow with PKCE (RFC 6749, RFC 7636), the provider's differences
 * taken from its declaration. Token calls are never repeated here: a provider
 * that rotates has already spent the refresh token when the answer is lost.
 */
export function oauthFlow(provider: OAuthProvider): OAuthConnector {
  const { title, auth } = provider;
  return {
    defaultLoginUrl: auth.login_url,
    loginHosts: auth.login_hosts,
    scopes: auth.scopes,
    authorizeUrl(app, request) {
      const url = new URL(auth.authorize, app.loginUrl);
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: app.clientId,
        redirect_uri: request.redirectUri,
        scope: auth.scopes.join(' '),
        state: request.state,
        code_challenge: request.codeChallenge,
        code_challenge_method: 'S256',
        ...auth.authorize_params,
      }).toString();
      return url.toString();
    },
    async exchangeCode(app, request) {
      const answer = await tokenCall(provider, app, {
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
      const answer = await tokenCall(provider, app, {
        grant_type: 'refresh_token',
        refresh_token: tokens.refreshToken,
      });
      if (answer.kind === 'refused') {
        // A wrong client secret is the operator's mistake: signing in again would not help.
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

type TokenAnswer =
  | { readonly kind: 'granted'; readonly body: JsonObject }
  /** `reason` is one of RFC 6749's error words, never the provider's text. */
  | { readonly kind: 'refused'; readonly reason: string };

async function tokenCall(
  { title, auth }: OAuthProvider,
  app: OAuthApp,
  grant: Readonly<Record<string, string>>,
): Promise<TokenAnswer> {
  const url = new URL(auth.token, originOf(auth, app, 'token'));
  const fields = { ...auth.token_params, ...grant, client_id: app.clientId, client_secret: app.clientSecret };
  const asJson = auth.token_body === 'json';
  let status: number;
  let body: BodyResult;
  try {
    const response = await send('connector.token', url, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': asJson ? 'application/json' : 'application/x-www-form-urlencoded',
        'user-agent': 'gantry',
      },
      body: asJson ? JSON.stringify(fields) : new URLSearchParams(textOf(fields)).toString(),
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.requestTimeoutMs),
    });
    status = response.status;
    body = await readBody(response, TOKEN_BYTES_MAX);
  } catch {
    throw new GantryError('upstream_unavailable', {
      message: `The login service of ${title} could not be reached.`,
      where: `POST ${url.pathname}`,
    });
  }
  if (status === 429 || status >= 500) {
    throw new GantryError(status === 429 ? 'upstream_rate_limited' : 'upstream_unavailable', {
      message: `The login service of ${title} is not available right now.`,
      where: `POST ${url.pathname}`,
      data: { status },
    });
  }
  const value = body.kind === 'value' ? body.value : null;
  // Only words of the protocol end a grant; a page of a proxy or a firewall does not.
  if (status >= 400 && isJsonObject(value) && Object.hasOwn(value, 'error')) {
    return { kind: 'refused', reason: reasonOf(value) };
  }
  if (status >= 300 || !isJsonObject(value)) throw malformed(title, url.pathname);
  return { kind: 'granted', body: value };
}

/** Ten years: a longer life is none that anybody could keep. */
const TOKEN_LIFE_MAX_S = 315_360_000;

const TOKEN_BYTES_MAX = 1024 * 1024;

/** The words that RFC 6749 §5.2 closes; anything else is not repeated to callers. */
const KNOWN_REASONS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_client_id',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'access_denied',
  'inactive_user',
  'inactive_org',
]);

const APP_REASONS = new Set(['invalid_client', 'invalid_client_id', 'unauthorized_client']);

function reasonOf({ error: word }: JsonObject): string {
  return typeof word === 'string' && KNOWN_REASONS.has(word) ? word : 'other';
}

/** Tokens are made of visible signs (RFC 6749, appendix A.12), and travel in a header. */
export const isSendable = (token: unknown): token is string =>
  typeof token === 'string' && token.length <= TOKEN_CHARS_MAX && /^[\x20-\x7e]+$/.test(token);

/** Servers refuse headers beyond 16 kB. */
const TOKEN_CHARS_MAX = 15_000;

function tokenSet(
  { title, auth }: OAuthProvider,
  app: OAuthApp,
  body: JsonObject,
  old: { refreshToken: string; apiUrl: string } | null,
): TokenSet {
  const accessToken = body['access_token'];
  if (!isSendable(accessToken)) throw malformed(title, auth.token);
  const refreshToken = body['refresh_token'];
  const expiresIn = body['expires_in'];
  const scope = body['scope'];
  return {
    accessToken,
    // A provider that does not rotate leaves it out.
    refreshToken: isSendable(refreshToken) ? refreshToken : (old?.refreshToken ?? null),
    expiresInS: typeof expiresIn === 'number' && expiresIn > 0 ? Math.min(expiresIn, TOKEN_LIFE_MAX_S) : null,
    scope: typeof scope === 'string' ? scope : null,
    apiUrl: apiUrlOf(auth, app, body) ?? old?.apiUrl ?? raise(malformed(title, auth.token)),
  };
}

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

const textOf = (fields: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));

function malformed(title: string, path: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The login service of ${title} gave an answer that is not a token.`,
    where: `POST ${path}`,
  });
}

function raise(error: Error): never {
  throw error;
}
