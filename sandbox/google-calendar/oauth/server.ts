import {
  bearerToken,
  bodyFields,
  createTokenStore,
  json,
  randomToken,
  type Handler,
  type OAuthClient,
  type Route,
  type SandboxRequest,
  type SandboxResponse,
  type TokenStore,
} from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { AUTHORIZE_PATH, createConsent } from './authorize.ts';
import { createConsents } from './consents.ts';
import { mayIdentify } from './scopes.ts';
import { ACCESS_MS, failed, tokenHandler } from './token.ts';

export interface OAuthServer {
  readonly tokens: TokenStore;
  readonly routes: readonly Route[];
  /** Ends everything of a user or of all, consent included. */
  revokeUser(username?: string): number;
  /** Access tokens of these people, or of `all`, as if each had agreed to these scopes. */
  sessions(usernames: unknown, scope: string): Readonly<Record<string, string>>;
}

/**
 * accounts.google.com, oauth2.googleapis.com and the userinfo endpoints under
 * one address. A refresh token comes with the first consent to offline access
 * and later only if the person was prompted anew; it does not rotate.
 */
export function createOAuth(account: Account, client: () => OAuthClient): OAuthServer {
  const tokens = createTokenStore({
    clock: account.clock,
    accessTtlMs: () => ACCESS_MS,
    rotateRefresh: false,
    accessToken: () => `ya29.a0${randomToken(120)}`,
  });
  const consents = createConsents();
  const { page, submit } = createConsent({
    company: account.world.company.name,
    client,
    get users() {
      return account.people.signIn();
    },
    tokens,
    agreed: consents.agree,
  });
  const revokeUser = (username?: string): number => {
    consents.forget(username);
    return tokens.revokeUser(username);
  };
  /** Whichever token is named, the whole consent of the person to the app ends. */
  const revoke: Handler = (request) => {
    const given = request.query.get('token') ?? bodyFields(request)?.get('token') ?? '';
    const check = tokens.check(given);
    const owner = check.kind === 'valid' ? check.grant.user.username : consents.ownerOf(given);
    if (owner === null) return failed(400, 'invalid_token', 'Token expired or revoked');
    revokeUser(owner);
    return json(200, {});
  };
  const info: Handler = (request) => userinfo(account, tokens, request);
  return {
    tokens,
    revokeUser,
    sessions: (usernames, scope) => {
      const wanted = account.people
        .signIn()
        .filter(
          ({ active, username }) =>
            active && (usernames === 'all' || (Array.isArray(usernames) && usernames.includes(username))),
        );
      return Object.fromEntries(
        wanted.map((user) => [
          user.username,
          tokens.issueAccess({ user, clientId: client().clientId, scope }).accessToken,
        ]),
      );
    },
    routes: [
      { method: 'GET', path: AUTHORIZE_PATH, handle: page },
      { method: 'POST', path: AUTHORIZE_PATH, handle: submit },
      { method: 'POST', path: '/token', handle: tokenHandler(tokens, consents, client) },
      { method: 'POST', path: '/revoke', handle: revoke },
      { method: 'GET', path: '/oauth2/v3/userinfo', handle: info },
      { method: 'GET', path: '/v1/userinfo', handle: info },
    ],
  };
}

/** Who signed in, as far as the scopes of sign-in allow. */
function userinfo(account: Account, tokens: TokenStore, request: SandboxRequest): SandboxResponse {
  const check = tokens.check(bearerToken(request) ?? '');
  const allowed = check.kind === 'valid' ? mayIdentify(check.grant.scope) : null;
  if (check.kind !== 'valid' || allowed === null) return failed(401, 'invalid_request', 'Invalid Credentials');
  const { id, name, username } = check.grant.user;
  const [given = '', ...rest] = name.split(' ');
  return {
    ...json(200, {
      sub: id,
      ...(allowed === 'profile' ? { name, given_name: given, family_name: rest.join(' ') } : {}),
      ...(allowed === 'id' ? {} : { email: username, email_verified: true }),
      hd: account.world.company.domain,
    }),
    user: username,
  };
}
