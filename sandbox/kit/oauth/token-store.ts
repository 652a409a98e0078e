import { createHash } from 'node:crypto';
import type { SandboxClock } from '../clock.ts';
import { randomToken } from '../random.ts';
import { createTokenMap, type TokenMap } from './token-map.ts';
import type { Grant, OAuthFailure, SandboxUser } from './types.ts';

export interface TokenPolicy {
  readonly clock: SandboxClock;
  /** Life of an access token. A function, so that the control API can change it for new tokens. */
  accessTtlMs(): number;
  /** Life of a refresh token; absent: until revoked. */
  refreshTtlMs?(): number;
  /** Each refresh ends the refresh token (and the access token) that it was made from. */
  readonly rotateRefresh: boolean;
  /** Longest code verifier; default 128 characters (RFC 7636 §4.1). */
  readonly verifierMax?: number;
  /** Spelling of an access token; default: 32 random bytes. */
  accessToken?(): string;
}

export interface CodeRequest {
  readonly user: SandboxUser;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** S256 challenge; null when the app sent none. */
  readonly challenge: string | null;
}

export interface CodeRedemption {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string | null;
}

export interface IssuedAccess {
  readonly kind: 'tokens';
  readonly grant: Grant;
  readonly accessToken: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface IssuedTokens extends IssuedAccess {
  readonly refreshToken: string;
}

export type TokenCheck =
  { readonly kind: 'valid'; readonly grant: Grant } | { readonly kind: 'expired' } | { readonly kind: 'unknown' };

export interface TokenStore {
  issueCode(request: CodeRequest): string;
  redeemCode(redemption: CodeRedemption): IssuedTokens | OAuthFailure;
  refresh(refreshToken: string, clientId: string): IssuedTokens | OAuthFailure;
  /** An access token without a refresh token, for grants that prove themselves anew each time. */
  issueAccess(request: Omit<Grant, 'id'>): IssuedAccess;
  /** What a user agreed to for an app and has not revoked since; null without such a grant. */
  grantOf(username: string, clientId: string): Grant | null;
  check(accessToken: string): TokenCheck;
  /** Ends a token: an access token alone, a refresh token with its whole grant. False if unknown. */
  revoke(token: string): boolean;
  /** Ends everything of a user (by username), or of everybody. Returns the number of grants that ended. */
  revokeUser(username?: string): number;
  /** Ends all access tokens as if their time had passed; refresh tokens stay. */
  expireAccess(username?: string): number;
}

const CODE_TTL_MS = 10 * 60_000;
const VERIFIER_MAX = 128;

interface CodeEntry {
  readonly request: CodeRequest;
  readonly grant: Grant;
  readonly expiresAt: number;
  used: boolean;
}

/** Codes, access and refresh tokens of a provider's authorization server, in memory. */
export function createTokenStore(policy: TokenPolicy): TokenStore {
  const codes = new Map<string, CodeEntry>();
  const access = createTokenMap();
  const refresh = createTokenMap();
  const now = (): number => policy.clock.now().getTime();
  const endGrant = (id: string): void => {
    access.endGrant(id);
    refresh.endGrant(id);
  };
  const issueAccess = accessIssuer(policy, access);
  /** `keep` is a refresh token that stays; null makes a new one. */
  const issue = (grant: Grant, keep: string | null): IssuedTokens => {
    const issued = issueAccess(grant);
    return { ...issued, refreshToken: keep ?? newRefresh(policy, refresh, issued) };
  };

  return {
    issueCode: (request) => {
      const code = randomToken(24);
      const grant: Grant = { id: randomToken(9), user: request.user, clientId: request.clientId, scope: request.scope };
      codes.set(code, { request, grant, expiresAt: now() + CODE_TTL_MS, used: false });
      return code;
    },
    redeemCode: (redemption) => {
      const entry = codes.get(redemption.code);
      if (entry === undefined) return invalidGrant('invalid authorization code');
      if (entry.used) {
        // RFC 6749 §4.1.2: a second use is a theft; what the first one gave out ends.
        endGrant(entry.grant.id);
        return invalidGrant('authorization code already used');
      }
      if (entry.expiresAt <= now()) return invalidGrant('expired authorization code');
      const refusal = checkRedemption(entry.request, redemption, policy.verifierMax ?? VERIFIER_MAX);
      if (refusal !== null) return refusal;
      entry.used = true;
      return issue(entry.grant, null);
    },
    refresh: (token, clientId) => {
      const entry = refresh.get(token);
      if (entry === undefined || entry.grant.clientId !== clientId) return invalidGrant('expired access/refresh token');
      if (entry.expiresAt <= now()) return invalidGrant('expired refresh token');
      if (!policy.rotateRefresh) return issue(entry.grant, token);
      endGrant(entry.grant.id);
      return issue(entry.grant, null);
    },
    issueAccess: (request) => issueAccess({ id: randomToken(9), ...request }),
    grantOf: (username, clientId) =>
      refresh.ofUser(username).find((entry) => entry.grant.clientId === clientId && entry.expiresAt > now())?.grant ??
      null,
    check: (token) => {
      const entry = access.get(token);
      if (entry === undefined) return { kind: 'unknown' };
      return entry.expiresAt > now() ? { kind: 'valid', grant: entry.grant } : { kind: 'expired' };
    },
    revoke: (token) => {
      const entry = refresh.get(token);
      if (entry === undefined) return access.remove(token);
      endGrant(entry.grant.id);
      return true;
    },
    revokeUser: (username) => {
      const entries = [...access.ofUser(username), ...refresh.ofUser(username)];
      const ids = new Set(entries.map((entry) => entry.grant.id));
      for (const id of ids) endGrant(id);
      return ids.size;
    },
    expireAccess: (username) => {
      const entries = access.ofUser(username);
      for (const entry of entries) entry.expiresAt = 0;
      return entries.length;
    },
  };
}

function accessIssuer(policy: TokenPolicy, access: TokenMap) {
  return (grant: Grant): IssuedAccess => {
    const issuedAt = policy.clock.now().getTime();
    const accessToken = policy.accessToken?.() ?? randomToken();
    const expiresAt = issuedAt + policy.accessTtlMs();
    access.add(accessToken, { grant, expiresAt });
    return { kind: 'tokens', grant, accessToken, issuedAt: new Date(issuedAt), expiresAt: new Date(expiresAt) };
  };
}

function newRefresh(policy: TokenPolicy, refresh: TokenMap, { grant, issuedAt }: IssuedAccess): string {
  const token = randomToken(48);
  const life = policy.refreshTtlMs?.() ?? Number.POSITIVE_INFINITY;
  refresh.add(token, { grant, expiresAt: issuedAt.getTime() + life });
  return token;
}

function checkRedemption(request: CodeRequest, redemption: CodeRedemption, verifierMax: number): OAuthFailure | null {
  if (redemption.clientId !== request.clientId) return invalidGrant('authorization code was issued to another client');
  if (redemption.redirectUri !== request.redirectUri)
    return invalidGrant('redirect_uri does not match the authorization request');
  if (request.challenge === null) return null;
  if (redemption.verifier === null || !verifyChallenge(redemption.verifier, request.challenge, verifierMax)) {
    return invalidGrant('invalid code verifier');
  }
  return null;
}

/** RFC 7636 §4.6, method S256. */
export function verifyChallenge(verifier: string, challenge: string, verifierMax = VERIFIER_MAX): boolean {
  if (!/^[A-Za-z0-9\-._~]{43,}$/.test(verifier) || verifier.length > verifierMax) return false;
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}

function invalidGrant(description: string): OAuthFailure {
  return { kind: 'failure', error: 'invalid_grant', description };
}
