import { createHmac } from 'node:crypto';
import {
  authenticateClient,
  bearerToken,
  bodyFields,
  createAuthorize,
  json,
  type Handler,
  type IssuedAccess,
  type IssuedTokens,
  type OAuthClient,
  type Route,
  type SandboxRequest,
  type SandboxResponse,
  type SandboxUser,
  type TokenStore,
} from '../kit/index.ts';
import type { Org } from './org.ts';
import type { ConnectedApp } from './sign-in/connected-app.ts';
import { checkAssertion, JWT_BEARER } from './sign-in/jwt-bearer.ts';

const BASE = '/services/oauth2';
const SCOPE = 'refresh_token api';

/**
 * Web server flow with PKCE and JWT bearer flow as the platform documents
 * them: no `expires_in`, refresh tokens stay the same until they are revoked,
 * and an assertion earns an access token only.
 */
export function oauthRoutes(org: Org, app: ConnectedApp, tokens: TokenStore): readonly Route[] {
  const authorize = createAuthorize({
    title: 'Log in to Salesforce (sandbox)',
    path: `${BASE}/authorize`,
    client: app.client,
    users: org.users,
    tokens,
    defaultScope: SCOPE,
  });
  const revoke = (given: string | null | undefined): SandboxResponse =>
    tokens.revoke(given ?? '') ? json(200, {}) : oauthError(400, 'invalid_token', 'invalid token');
  return [
    { method: 'GET', path: `${BASE}/authorize`, handle: authorize.page },
    { method: 'POST', path: `${BASE}/authorize`, handle: authorize.submit },
    { method: 'POST', path: `${BASE}/token`, handle: (request) => token(org, app, tokens, request) },
    { method: 'POST', path: `${BASE}/revoke`, handle: (request) => revoke(bodyFields(request)?.get('token')) },
    { method: 'GET', path: `${BASE}/revoke`, handle: (request) => revoke(request.query.get('token')) },
    {
      method: 'GET',
      path: `${BASE}/userinfo`,
      handle: withUser(tokens, (user, request) => userInfo(org, user, request)),
    },
    {
      method: 'GET',
      path: '/id/:org/:user',
      handle: withUser(tokens, (user, request) => identity(org, user, request)),
    },
  ];
}

function token(org: Org, app: ConnectedApp, tokens: TokenStore, request: SandboxRequest): SandboxResponse {
  const fields = bodyFields(request) ?? new Map<string, string>();
  const grantType = fields.get('grant_type');
  if (grantType === JWT_BEARER) return bearerAnswer(org, app, tokens, request, fields.get('assertion'));
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
    return oauthError(400, 'unsupported_grant_type', 'grant type not supported');
  }
  const client = app.client();
  const refusal = authenticateClient(client, request, fields);
  if (refusal !== null) {
    const unknown = refusal.description === 'invalid client identifier';
    return oauthError(400, unknown ? 'invalid_client_id' : 'invalid_client', refusal.description);
  }
  if (grantType === 'refresh_token') {
    const issued = tokens.refresh(fields.get('refresh_token') ?? '', client.clientId);
    return issued.kind === 'tokens'
      ? tokenAnswer(org, client, request, issued, false)
      : oauthError(400, issued.error, issued.description);
  }
  const issued = tokens.redeemCode({
    code: fields.get('code') ?? '',
    clientId: client.clientId,
    redirectUri: fields.get('redirect_uri') ?? '',
    verifier: fields.get('code_verifier') ?? null,
  });
  return issued.kind === 'tokens'
    ? tokenAnswer(org, client, request, issued, true)
    : oauthError(400, issued.error, issued.description);
}

function bearerAnswer(
  org: Org,
  app: ConnectedApp,
  tokens: TokenStore,
  request: SandboxRequest,
  assertion: string | undefined,
): SandboxResponse {
  const context = { app, users: org.users, tokens, nowMs: org.clock.now().getTime(), origin: request.origin };
  const check = checkAssertion(assertion, context);
  if (check.kind === 'refused') return oauthError(400, check.error, check.description);
  const { user, scope } = check;
  const issued = tokens.issueAccess({ user, clientId: app.client().clientId, scope });
  return {
    ...json(200, commonAnswer(org, request, issued), { 'cache-control': 'no-store' }),
    user: user.username,
  };
}

/** What every token answer says. */
function commonAnswer(org: Org, request: SandboxRequest, issued: IssuedAccess): Readonly<Record<string, string>> {
  return {
    access_token: issued.accessToken,
    scope: issued.grant.scope,
    instance_url: request.origin,
    id: identityUrl(org, issued.grant.user, request),
    token_type: 'Bearer',
  };
}

function tokenAnswer(
  org: Org,
  client: OAuthClient,
  request: SandboxRequest,
  issued: IssuedTokens,
  withRefresh: boolean,
): SandboxResponse {
  const common = commonAnswer(org, request, issued);
  const issuedAt = String(issued.issuedAt.getTime());
  return {
    ...json(
      200,
      {
        ...common,
        ...(withRefresh ? { refresh_token: issued.refreshToken } : {}),
        signature: createHmac('sha256', client.clientSecret).update(`${common['id']}${issuedAt}`).digest('base64'),
        issued_at: issuedAt,
      },
      { 'cache-control': 'no-store' },
    ),
    user: issued.grant.user.username,
  };
}

function oauthError(status: number, error: string, description: string): SandboxResponse {
  return json(status, { error, error_description: description }, { 'cache-control': 'no-store' });
}

function withUser(
  tokens: TokenStore,
  answer: (user: SandboxUser, request: SandboxRequest) => SandboxResponse,
): Handler {
  return (request) => {
    const check = tokens.check(bearerToken(request) ?? '');
    if (check.kind !== 'valid')
      return { status: 403, headers: { 'content-type': 'text/html;charset=UTF-8' }, body: 'Bad_OAuth_Token' };
    return { ...answer(check.grant.user, request), user: check.grant.user.username };
  };
}

function identityUrl(org: Org, user: SandboxUser, request: SandboxRequest): string {
  return `${request.origin}/id/${org.id}/${user.id}`;
}

function userInfo(org: Org, user: SandboxUser, request: SandboxRequest): SandboxResponse {
  const [given = '', ...rest] = user.name.split(' ');
  return json(200, {
    sub: identityUrl(org, user, request),
    user_id: user.id,
    organization_id: org.id,
    preferred_username: user.username,
    nickname: user.username.split('@')[0],
    name: user.name,
    email: emailOf(org, user),
    email_verified: true,
    given_name: given,
    family_name: rest.join(' '),
    zoneinfo: 'Europe/Berlin',
    urls: urls(request),
    active: user.active,
    user_type: 'STANDARD',
    language: 'de',
    locale: 'de_DE',
    utcOffset: 3_600_000,
    is_app_installed: true,
  });
}

function identity(org: Org, user: SandboxUser, request: SandboxRequest): SandboxResponse {
  if (request.params['org'] !== org.id || request.params['user'] !== user.id) {
    return { status: 403, headers: { 'content-type': 'text/html;charset=UTF-8' }, body: 'Wrong_Org' };
  }
  const [given = '', ...rest] = user.name.split(' ');
  return json(200, {
    id: identityUrl(org, user, request),
    asserted_user: true,
    user_id: user.id,
    organization_id: org.id,
    username: user.username,
    nick_name: user.username.split('@')[0],
    display_name: user.name,
    email: emailOf(org, user),
    email_verified: true,
    first_name: given,
    last_name: rest.join(' '),
    timezone: 'Europe/Berlin',
    urls: { ...urls(request), custom_domain: request.origin },
    active: user.active,
    user_type: 'STANDARD',
    language: 'de',
    locale: 'de_DE',
    utcOffset: 3_600_000,
    is_app_installed: true,
  });
}

function emailOf(org: Org, user: SandboxUser): string {
  const row = org.table('User').rowOf(user.id);
  const field = org.schema.field('User', 'Email');
  const email = row === null || field === undefined ? null : org.table('User').value(row, field);
  return typeof email === 'string' ? email : `unknown@${org.world.company.domain}`;
}

function urls(request: SandboxRequest): Readonly<Record<string, string>> {
  const data = `${request.origin}/services/data/v{version}/`;
  return {
    rest: data,
    sobjects: `${data}sobjects/`,
    query: `${data}query/`,
    enterprise: `${request.origin}/services/Soap/c/{version}/`,
  };
}
