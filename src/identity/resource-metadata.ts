import type { Challenge, JsonObject } from '../kernel/index.ts';

/** Under which scopes a client asks first: the rest when a call needs it (step-up). */
export interface ResourceFacts {
  /** Where browsers reach us, no trailing slash. */
  readonly publicUrl: string;
  /** Issuers whose tokens are good here; the first is asked first. */
  readonly issuers: readonly string[];
  readonly scopes: readonly string[];
}

/** Where clients learn who issues tokens for us: for the path that they called, or for all (RFC 9728 §3). */
export const metadataPath = '/.well-known/oauth-protected-resource';

/** RFC 9728. `path`: that of the resource, as `/mcp`; empty for all of them. */
export function resourceMetadata({ publicUrl, issuers, scopes }: ResourceFacts, path: string): JsonObject {
  return {
    resource: `${publicUrl}${path}`,
    authorization_servers: [...issuers],
    scopes_supported: [...scopes],
    bearer_methods_supported: ['header'],
    resource_name: 'Gantry',
  };
}

/** What tokens may name as their audience: each door by its address, and all together. */
export const ownAudiences = (publicUrl: string): readonly string[] => [
  publicUrl,
  `${publicUrl}/`,
  `${publicUrl}/mcp`,
  `${publicUrl}/v1`,
];

/**
 * `WWW-Authenticate` of a refusal (RFC 6750 §3, RFC 9728 §5.1): where to sign
 * in, and for what. Null: the refusal has nothing to do with a sign-in.
 */
export function challengeFor({ publicUrl, issuers, scopes }: ResourceFacts, path: string): Challenge {
  const metadata = issuers.length === 0 ? [] : [`resource_metadata="${publicUrl}${metadataPath}${path}"`];
  return ({ code, data }, status, presented) => {
    if (status !== 401 && code !== 'insufficient_scope') return null;
    const needed = Array.isArray(data?.['scopes']) ? data['scopes'].map(String) : scopes.slice(0, 1);
    return [
      'Bearer realm="gantry"',
      ...(status === 401 && presented ? ['error="invalid_token"'] : []),
      ...(code === 'insufficient_scope' ? ['error="insufficient_scope"'] : []),
      ...metadata,
      ...(issuers.length === 0 ? [] : [`scope="${needed.join(' ')}"`]),
    ].join(', ');
  };
}
