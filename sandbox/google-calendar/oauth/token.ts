import {
  authenticateClient,
  bodyFields,
  json,
  type Handler,
  type IssuedTokens,
  type OAuthClient,
  type SandboxResponse,
  type TokenStore,
} from '../../kit/index.ts';
import type { Consents } from './consents.ts';

/** Google's tokens live for an hour, of which the answer takes off a second. */
export const ACCESS_MS = 3_600_000;
export const CODE_PREFIX = '4/0A';

type Fields = ReadonlyMap<string, string>;

/** oauth2.googleapis.com/token, in Google's words. */
export function tokenHandler(tokens: TokenStore, consents: Consents, client: () => OAuthClient): Handler {
  return (request) => {
    const fields: Fields = bodyFields(request) ?? new Map();
    const refused = authenticateClient(client(), request, fields);
    if (refused !== null) {
      const unknown = fields.has('client_id') && fields.get('client_id') !== client().clientId;
      return failed(401, 'invalid_client', unknown ? 'The OAuth client was not found.' : 'Unauthorized');
    }
    switch (fields.get('grant_type')) {
      case 'refresh_token':
        return refreshed(tokens, client(), fields);
      case 'authorization_code':
        return redeemed(tokens, consents, client(), fields);
      case undefined:
        return failed(400, 'invalid_request', 'Missing required parameter: grant_type');
      default:
        return failed(400, 'unsupported_grant_type', `Invalid grant_type: ${fields.get('grant_type') ?? ''}`);
    }
  };
}

export function failed(status: number, error: string, description: string): SandboxResponse {
  return json(status, { error, error_description: description });
}

function redeemed(tokens: TokenStore, consents: Consents, client: OAuthClient, fields: Fields): SandboxResponse {
  const code = fields.get('code') ?? '';
  const consent = consents.ofCode(code);
  if (consent === null) return failed(400, 'invalid_grant', 'Malformed auth code.');
  const result = tokens.redeemCode({
    code: code.slice(CODE_PREFIX.length),
    clientId: client.clientId,
    redirectUri: fields.get('redirect_uri') ?? '',
    verifier: fields.get('code_verifier') ?? null,
  });
  if (result.kind === 'tokens') {
    const username = result.grant.user.username;
    const withRefresh = consent.offline && (consent.prompted || !consents.isOffline(username));
    if (withRefresh) consents.remember(username, result.refreshToken);
    return issued(result, withRefresh ? { refresh_token: result.refreshToken } : {});
  }
  if (result.description.startsWith('redirect_uri')) return failed(400, 'redirect_uri_mismatch', 'Bad Request');
  const verifier = result.description.includes('verifier');
  return failed(400, 'invalid_grant', verifier ? 'Invalid code verifier.' : 'Bad Request');
}

function refreshed(tokens: TokenStore, client: OAuthClient, fields: Fields): SandboxResponse {
  const result = tokens.refresh(fields.get('refresh_token') ?? '', client.clientId);
  if (result.kind === 'failure') return failed(400, 'invalid_grant', 'Token has been expired or revoked.');
  return issued(result, {});
}

function issued(result: IssuedTokens, more: Readonly<Record<string, string>>): SandboxResponse {
  const body = {
    access_token: result.accessToken,
    expires_in: ACCESS_MS / 1000 - 1,
    ...more,
    scope: result.grant.scope,
    token_type: 'Bearer',
  };
  return { ...json(200, body, { 'cache-control': 'no-store' }), user: result.grant.user.username };
}
