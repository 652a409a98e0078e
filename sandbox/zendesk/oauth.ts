import {
  authenticateClient,
  bodyFields,
  createAuthorize,
  createTokenStore,
  json,
  type Handler,
  type IssuedTokens,
  type OAuthClient,
  type OAuthFailure,
  type Route,
  type SandboxResponse,
  type TokenStore,
} from '../kit/index.ts';
import type { Account } from './account.ts';
import { signInUsers } from './sign-in-users.ts';

/** Seconds that a caller may ask for. Source: Zendesk, "OAuth Tokens for Grant Types". */
const ACCESS_S = { from: 300, to: 172_800 };
const REFRESH_S = { from: 604_800, to: 7_776_000 };

const FAULTS = {
  invalid_grant:
    'The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
  invalid_client:
    'Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).',
  invalid_request:
    'The request is missing a required parameter, includes an unsupported parameter value, repeats a parameter, includes multiple credentials, utilizes more than one mechanism for authenticating the client, or is otherwise malformed.',
  unsupported_grant_type: 'The authorization grant type is not supported by the authorization server.',
} as const;

export interface OAuthServer {
  readonly tokens: TokenStore;
  readonly routes: readonly Route[];
  /** Access tokens of these people, or of `all`, as if each had agreed to this scope, or to reading without one. */
  sessions(usernames: unknown, scope?: unknown): Readonly<Record<string, string>>;
}

/**
 * Sign-in at `/oauth/authorizations/new`, tokens at `/oauth/tokens`. Access
 * tokens expire; a refresh ends the access token and the refresh token that it
 * replaces. Using an old refresh token again is refused and harms nobody.
 */
export function createOAuth(account: Account, client: () => OAuthClient): OAuthServer {
  // The lifetimes that the token call in progress asked for; calls are handled one after the other.
  let life = { accessS: 0, refreshS: 0 };
  const tokens = createTokenStore({
    clock: account.clock,
    accessTtlMs: () => life.accessS * 1000,
    refreshTtlMs: () => life.refreshS * 1000,
    rotateRefresh: true,
  });
  const { page, submit } = createAuthorize({
    title: `${account.profile.name}: allow access to Zendesk?`,
    path: '/oauth/authorizations/new',
    client,
    get users() {
      return signInUsers(account);
    },
    tokens,
    defaultScope: 'read',
  });
  const token: Handler = (request) => {
    const fields = bodyFields(request);
    if (fields === null) return failed('invalid_request');
    const refused = authenticateClient(client(), request, fields);
    if (refused !== null) return failed(refused.error);
    const { accessTokenS, refreshTokenS } = account.limits;
    const accessS = lifetime(fields.get('expires_in'), accessTokenS, ACCESS_S);
    const refreshS = lifetime(fields.get('refresh_token_expires_in'), refreshTokenS, REFRESH_S);
    if (accessS === null || refreshS === null) return failed('invalid_request');
    life = { accessS, refreshS };
    const result = redeem(tokens, client(), fields);
    return result.kind === 'failure' ? failed(result.error) : issued(result, life);
  };
  return {
    tokens,
    sessions: (usernames, scope) => {
      const wanted = signInUsers(account).filter(
        ({ active, username }) =>
          active && (usernames === 'all' || (Array.isArray(usernames) && usernames.includes(username))),
      );
      const { accessTokenS, refreshTokenS } = account.limits;
      life = { accessS: accessTokenS, refreshS: refreshTokenS };
      return Object.fromEntries(
        wanted.map((user) => [
          user.username,
          tokens.issueAccess({ user, clientId: client().clientId, scope: typeof scope === 'string' ? scope : 'read' })
            .accessToken,
        ]),
      );
    },
    routes: [
      { method: 'GET', path: '/oauth/authorizations/new', handle: page },
      { method: 'POST', path: '/oauth/authorizations/new', handle: submit },
      { method: 'POST', path: '/oauth/tokens', handle: token },
    ],
  };
}

function redeem(
  tokens: TokenStore,
  client: OAuthClient,
  fields: ReadonlyMap<string, string>,
): IssuedTokens | OAuthFailure {
  const type = fields.get('grant_type');
  if (type === 'refresh_token') return tokens.refresh(fields.get('refresh_token') ?? '', client.clientId);
  if (type !== 'authorization_code') return { kind: 'failure', error: 'unsupported_grant_type', description: '' };
  return tokens.redeemCode({
    code: fields.get('code') ?? '',
    clientId: client.clientId,
    redirectUri: fields.get('redirect_uri') ?? '',
    verifier: fields.get('code_verifier') ?? null,
  });
}

function issued(result: IssuedTokens, life: { accessS: number; refreshS: number }): SandboxResponse {
  const body = {
    access_token: result.accessToken,
    refresh_token: result.refreshToken,
    token_type: 'bearer',
    scope: result.grant.scope,
    expires_in: life.accessS,
    refresh_token_expires_in: life.refreshS,
  };
  return {
    ...json(200, body, { 'cache-control': 'no-store', pragma: 'no-cache' }),
    user: result.grant.user.username,
  };
}

function failed(error: OAuthFailure['error']): SandboxResponse {
  return json(error === 'invalid_client' ? 401 : 400, { error, error_description: FAULTS[error] });
}

function lifetime(asked: string | undefined, fallback: number, allowed: { from: number; to: number }): number | null {
  if (asked === undefined) return fallback;
  const seconds = Number(asked);
  return Number.isInteger(seconds) && seconds >= allowed.from && seconds <= allowed.to ? seconds : null;
}
