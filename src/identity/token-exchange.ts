import { errors } from 'oidc-provider';
import { GantryError, type JsonObject } from '../kernel/index.ts';
import {
  ACCESS_TOKEN_TYPE,
  AGENT_KEY_TYPE,
  PRINCIPAL_TYPE,
  type Exchanged,
  type ExchangeRequest,
} from './exchange-types.ts';

/** Raises the library's errors, which it answers as RFC 6749 §5.2 has them. */
export async function readExchange(
  params: { readonly [name: string]: unknown },
  from: { readonly clientId: string; readonly address: string },
  server: {
    readonly resources: readonly string[];
    readonly scopes: readonly string[];
    readonly exchange: (request: ExchangeRequest) => Promise<Exchanged>;
  },
): Promise<JsonObject> {
  const text = (name: string): string => {
    const value = params[name];
    if (typeof value === 'string' && value !== '') return value;
    throw new errors.InvalidRequest(`${name} is missing`);
  };
  const isType = (name: string, type: string): void => {
    if (text(name) !== type) throw new errors.InvalidRequest(`${name} must be ${type}`);
  };
  isType('subject_token_type', PRINCIPAL_TYPE);
  isType('actor_token_type', AGENT_KEY_TYPE);
  if (params['requested_token_type'] !== undefined) isType('requested_token_type', ACCESS_TOKEN_TYPE);
  const resource = params['resource'] === undefined ? (server.resources[0] ?? '') : text('resource');
  if (!server.resources.includes(resource)) throw new errors.InvalidTarget();
  const scopes = params['scope'] === undefined ? null : text('scope').split(' ');
  const unknown = scopes?.find((scope) => !server.scopes.includes(scope));
  if (unknown !== undefined) throw new errors.InvalidScope('the scope is not known here', unknown);
  try {
    const {
      token,
      expiresInS,
      scopes: given,
    } = await server.exchange({
      agent: from.clientId,
      address: from.address,
      agentKey: text('actor_token'),
      principal: text('subject_token'),
      scopes,
      resource,
    });
    return {
      access_token: token,
      issued_token_type: ACCESS_TOKEN_TYPE,
      token_type: 'Bearer',
      expires_in: expiresInS,
      scope: given.join(' '),
    };
  } catch (error) {
    if (error instanceof GantryError && error.status < 500) {
      throw new errors.CustomOIDCProviderError('invalid_grant', error.message);
    }
    throw error;
  }
}
