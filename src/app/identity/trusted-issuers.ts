import type { JSONWebKeySet } from 'jose';
import {
  createKeySet,
  ownAudiences,
  publicKey,
  signingKey,
  type Issuer,
  type ResourceFacts,
  type TrustedIssuer,
} from '../../identity/index.ts';
import { GantryError, isJsonObject, limits, send, withinTime, type Clock, type Json } from '../../kernel/index.ts';
import { accessScopes } from '../../mcp/index.ts';
import type { Config } from '../config.ts';
import { boundedText } from './bounded-text.ts';

export type IssuerConfig = Pick<Config, 'identity' | 'publicUrl' | 'masterKey' | 'otherMasterKeys'>;

/** Where our own authorization server is, and what its tokens have as `iss`. */
export const ownIssuer = (publicUrl: string): string => `${publicUrl}/oauth`;

/** Whose access tokens are good here. */
export function trustedIssuers(config: IssuerConfig, clock: Clock): readonly TrustedIssuer[] {
  const others = (config.identity?.issuers ?? []).map((issuer) => ({
    ...issuer,
    keys: createKeySet(() => fetchKeys(issuer), clock),
  }));
  return config.identity?.signIn === false ? others : [own(config, clock), ...others];
}

function own({ publicUrl, masterKey, otherMasterKeys }: IssuerConfig, clock: Clock): TrustedIssuer {
  const keys = [masterKey, ...otherMasterKeys].map((key) => publicKey(signingKey(key)));
  return {
    issuer: ownIssuer(publicUrl),
    audiences: ownAudiences(publicUrl),
    jwksUri: `${ownIssuer(publicUrl)}/jwks`,
    algorithms: ['ES256'],
    claims: { principal: ['sub'], tenant: ['tenant'], agent: ['client_id'], scopes: ['scope'], role: [] },
    tellsOfClients: false,
    tenant: null,
    tenants: new Map(),
    scopeNames: new Map(),
    defaultScopes: [],
    roles: new Map(),
    keys: createKeySet(async () => ({ keys }), clock),
  };
}

/** Through the guarded way out: public addresses only, unless the operator's settings name the address themselves. */
async function fetchKeys({ jwksUri }: Issuer): Promise<JSONWebKeySet> {
  return withinTime(limits.identityCallTimeoutMs, undefined, async (signal) => {
    const response = await send('connector.identity_keys', jwksUri, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal,
    });
    const text = await boundedText(response, limits.keySetBytesMax);
    const body = text === null ? null : (JSON.parse(text) as Json);
    if (response.ok && isJsonObject(body) && Array.isArray(body['keys'])) return body as unknown as JSONWebKeySet;
    throw new GantryError('identity_unavailable', { message: 'The identity provider does not show its keys.' });
  });
}

/** What clients are told of where to sign in. `admin` is for people who operate, and no scope to ask for unasked. */
export function resourceFacts(publicUrl: string, issuers: readonly TrustedIssuer[]): ResourceFacts {
  return {
    publicUrl,
    issuers: issuers.map(({ issuer }) => issuer),
    scopes: accessScopes.filter((scope) => scope !== 'admin'),
  };
}
