import { decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import { GantryError, isJsonObject, limits, principalIn, type Clock, type Json } from '../kernel/index.ts';
import type { Issuer } from './issuers.ts';
import type { KeySet } from './key-set.ts';

/** What a good access token says. Whether it was taken back since is for others to find out. */
export interface TokenSays {
  readonly issuer: string;
  /** Slug; null: the token does not say, or names nobody of ours. */
  readonly tenant: string | null;
  /** Id of the OAuth client. */
  readonly clientId: string | null;
  /** The user of the product; null: the token is about the client itself. */
  readonly principal: string | null;
  readonly scopes: ReadonlySet<string>;
  /** Of an operator; null: none. */
  readonly role: string | null;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** Of our own tokens: what they stand on, and end with. */
  readonly grant: string | null;
  readonly key: string | null;
}

/** What stands behind an issuer. */
export interface TrustedIssuer extends Issuer {
  readonly keys: KeySet;
}

/**
 * An access token, checked: signature, issuer, audience, times. Null: not
 * good, whatever the reason (RFC 6750 knows one code for all of them). Raises
 * `identity_unavailable`.
 */
export async function verifyToken(
  token: string,
  issuers: readonly TrustedIssuer[],
  clock: Clock,
): Promise<TokenSays | null> {
  const issuer = issuerOf(token, issuers);
  if (issuer === undefined) return null;
  try {
    const { payload } = await jwtVerify(token, (header, input) => issuer.keys.keyFor(header, input), {
      issuer: issuer.issuer,
      audience: [...issuer.audiences],
      algorithms: [...issuer.algorithms],
      clockTolerance: limits.tokenClockToleranceS,
      currentDate: clock.now(),
      requiredClaims: ['exp', 'iat', 'aud', 'sub'],
    });
    // What is made tomorrow would outlive every sign-out until then.
    const madeMs = Number(payload.iat) * 1_000;
    if (madeMs > clock.now().getTime() + limits.tokenClockToleranceS * 1_000) return null;
    return saysOf(payload, issuer);
  } catch (error) {
    if (error instanceof GantryError && error.code === 'identity_unavailable') throw error;
    return null;
  }
}

/** Whose keys to try: what the token says of itself is only believed once it is checked by them. */
function issuerOf(token: string, issuers: readonly TrustedIssuer[]): TrustedIssuer | undefined {
  if (token.length > limits.tokenCharsMax) return undefined;
  try {
    const { iss } = decodeJwt(token);
    return issuers.find(({ issuer }) => issuer === iss);
  } catch {
    return undefined;
  }
}

function saysOf(payload: JWTPayload, issuer: Issuer): TokenSays {
  const claims = JSON.parse(JSON.stringify(payload)) as { readonly [name: string]: Json };
  const clientId = textIn(claims, issuer.claims.agent);
  const tenantSaid = textIn(claims, issuer.claims.tenant);
  const scopes = scopesIn(claims, issuer);
  const roleSaid = rolesIn(claims, issuer);
  return {
    issuer: issuer.issuer,
    // Whose provider it is decides before what the provider says: it may be a customer's own.
    tenant: issuer.tenant ?? (tenantSaid === null ? null : tenantOf(tenantSaid, issuer)),
    clientId,
    principal: principalOf(claims, clientId, issuer),
    scopes,
    role: roleSaid,
    issuedAt: new Date(Number(payload.iat) * 1_000),
    expiresAt: new Date(Number(payload.exp) * 1_000),
    grant: textIn(claims, ['grant']),
    key: textIn(claims, ['key']),
  };
}

/** Where values are listed, one that is not is nobody's tenant. */
const tenantOf = (said: string, { tenants }: Issuer): string | null =>
  tenants.size === 0 ? said : (tenants.get(said) ?? null);

/**
 * Null where the token is about the client itself, as of client credentials:
 * Okta and RFC 9068 §2.2 have the client's id as `sub`, Auth0 adds `@clients`
 * and `gty`, Entra says `idtyp: app`.
 */
function principalOf(
  claims: { readonly [name: string]: Json },
  clientId: string | null,
  { claims: names, tellsOfClients }: Issuer,
): string | null {
  const { sub, gty, idtyp } = claims;
  const own = gty === 'client-credentials' || idtyp === 'app';
  const isClient = own || (clientId !== null && (sub === clientId || sub === `${clientId}@clients`));
  if (tellsOfClients && isClient) return null;
  const said = textIn(claims, names.principal);
  // A token that should name a user and does not must not pass as one of the client.
  if (said === null) throw new GantryError('principal_invalid', { message: 'The token names no user.' });
  return principalIn(said);
}

function scopesIn(claims: { readonly [name: string]: Json }, issuer: Issuer): ReadonlySet<string> {
  const said = issuer.claims.scopes.flatMap((name) => listIn(claims[name]));
  const scopes = said.map((scope) => issuer.scopeNames.get(scope) ?? scope);
  return new Set(scopes.length === 0 ? issuer.defaultScopes : scopes);
}

function rolesIn(claims: { readonly [name: string]: Json }, issuer: Issuer): string | null {
  const said = issuer.claims.role.flatMap((name) => listIn(claims[name]));
  const known = said.map((value) => (issuer.roles.size === 0 ? value : (issuer.roles.get(value) ?? null)));
  return known.find((role) => role !== null) ?? null;
}

/** A list, or words in one text. */
const listIn = (value: Json | undefined): readonly string[] =>
  Array.isArray(value)
    ? value.filter((each): each is string => typeof each === 'string')
    : typeof value === 'string'
      ? value.split(' ').filter((word) => word !== '')
      : [];

function textIn(claims: { readonly [name: string]: Json }, names: readonly string[]): string | null {
  for (const name of names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : inside(claims, name);
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

/** `act.sub`: a claim within a claim, where none has the whole name (Auth0's are addresses, with dots). */
function inside(claims: { readonly [name: string]: Json }, name: string): Json | undefined {
  let value: Json | undefined = claims;
  for (const part of name.split('.')) value = isJsonObject(value) ? value[part] : undefined;
  return value;
}
