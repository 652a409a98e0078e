import { GantryError, type Json } from '../kernel/index.ts';
import { z } from 'zod';

/** An identity provider whose access tokens are good here. */
export interface Issuer {
  /** As `iss` of its tokens has it. */
  readonly issuer: string;
  /** `aud` has to name one of these. */
  readonly audiences: readonly string[];
  readonly jwksUri: string;
  readonly algorithms: readonly string[];
  readonly claims: ClaimNames;
  /** Some of its tokens are about a client itself, in nobody's name; false: each names a user, whatever the user is called. */
  readonly tellsOfClients: boolean;
  /** Of all its tokens, whatever they say; null: they say. */
  readonly tenant: string | null;
  /** Values of the claim to slugs of tenants; empty: the value is the slug. */
  readonly tenants: ReadonlyMap<string, string>;
  /** Names of its scopes to ours; what is not named is itself. */
  readonly scopeNames: ReadonlyMap<string, string>;
  /** Of tokens that name no scope of ours at all; some providers know none. */
  readonly defaultScopes: readonly string[];
  /** Values of the role claim to roles of operators; empty: its users are no operators, unless the value is a role. */
  readonly roles: ReadonlyMap<string, string>;
}

/** Which claim says what; several: the first that is there. */
export interface ClaimNames {
  readonly principal: readonly string[];
  readonly tenant: readonly string[];
  readonly agent: readonly string[];
  readonly scopes: readonly string[];
  readonly role: readonly string[];
}

/**
 * Where providers put it: Auth0 `azp` and `scope` (auth0.com/docs, "Access
 * token profiles"), Okta `cid` and `scp` as a list (developer.okta.com,
 * "Access token payload"), Entra `azp`/`appid` and `scp` (learn.microsoft.com,
 * "Access token claims reference"); RFC 9068 `client_id`.
 */
const usualClaims: ClaimNames = {
  principal: ['sub'],
  tenant: ['tenant'],
  agent: ['azp', 'client_id', 'cid', 'appid'],
  scopes: ['scope', 'scp'],
  role: [],
};

const text = z.string().min(1).max(500);
const names = z.union([text.transform((name) => [name]), z.array(text).min(1).max(10)]);
const address = z.url({ protocol: /^https?$/ }).max(500);

const issuerShape = z.strictObject({
  issuer: text,
  audience: names.optional(),
  jwks_uri: address,
  // Never `none`, and nothing symmetric: whoever could check could make.
  algorithms: z
    .array(z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519']))
    .min(1)
    .optional(),
  claims: z
    .strictObject({
      principal: names.optional(),
      tenant: names.optional(),
      agent: names.optional(),
      scopes: names.optional(),
      role: names.optional(),
    })
    .optional(),
  tenant: text.optional(),
  tenants: z.record(text, text).optional(),
  scope_names: z.record(text, text).optional(),
  default_scopes: z.array(text).optional(),
  roles: z.record(text, text).optional(),
});

const identityShape = z.strictObject({ issuers: z.array(issuerShape).max(20) });

/** What the operator wrote of identity providers. Raises `identity_invalid`. `ownAudiences`: what we are called, for those without one of their own. */
export function issuersIn(raw: Json, where: string, ownAudiences: readonly string[]): readonly Issuer[] {
  const read = identityShape.safeParse(raw);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new GantryError('identity_invalid', {
      message: `${issue?.path.map(String).join('.') ?? 'It'}: ${issue?.message ?? 'cannot be read'}.`,
      where,
    });
  }
  return read.data.issuers.map(({ issuer, audience, jwks_uri: jwksUri, ...rest }) => ({
    issuer,
    audiences: audience ?? ownAudiences,
    jwksUri,
    algorithms: rest.algorithms ?? ['RS256', 'PS256', 'ES256'],
    claims: {
      principal: rest.claims?.principal ?? usualClaims.principal,
      tenant: rest.claims?.tenant ?? usualClaims.tenant,
      agent: rest.claims?.agent ?? usualClaims.agent,
      scopes: rest.claims?.scopes ?? usualClaims.scopes,
      role: rest.claims?.role ?? usualClaims.role,
    },
    tellsOfClients: true,
    tenant: rest.tenant ?? null,
    tenants: new Map(Object.entries(rest.tenants ?? {})),
    scopeNames: new Map(Object.entries(rest.scope_names ?? {})),
    defaultScopes: rest.default_scopes ?? [],
    roles: new Map(Object.entries(rest.roles ?? {})),
  }));
}
