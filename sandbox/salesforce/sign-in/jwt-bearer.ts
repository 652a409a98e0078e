import { verify } from 'node:crypto';
import { parseJson, type SandboxUser, type TokenStore } from '../../kit/index.ts';
import type { ConnectedApp } from './connected-app.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Where production orgs are signed in to; the org's own address is the other audience that counts. */
const LOGIN_HOST = 'https://login.salesforce.com';

export interface AssertionContext {
  readonly app: ConnectedApp;
  readonly users: readonly SandboxUser[];
  readonly tokens: TokenStore;
  readonly nowMs: number;
  /** The org's own address. */
  readonly origin: string;
}

export type AssertionCheck =
  | { readonly kind: 'user'; readonly user: SandboxUser; readonly scope: string }
  | { readonly kind: 'refused'; readonly error: string; readonly description: string };

/**
 * Checks the assertion of an OAuth 2.0 JWT bearer request: signed with RS256
 * by the key behind the app's certificate, `iss` the app, `aud` the login
 * address, `sub` a user who (or whose admin) approved the app, `exp` to come.
 * Claims and errors as in Salesforce Help, "OAuth 2.0 JWT Bearer Flow for
 * Server-to-Server Integration" and "OAuth 2.0 Authorization Errors"; the
 * words of refusals as client authors report them.
 */
export function checkAssertion(assertion: string | undefined, context: AssertionContext): AssertionCheck {
  const parsed = parseAssertion(assertion ?? '');
  if (parsed === null || parsed.header['alg'] !== 'RS256') return refused('invalid assertion');
  const { iss, aud, sub, exp } = parsed.claims;
  const client = context.app.client();
  if (iss !== client.clientId) {
    return { kind: 'refused', error: 'invalid_client_id', description: 'client identifier invalid' };
  }
  const key = context.app.publicKey();
  if (key === null || !verify('RSA-SHA256', Buffer.from(parsed.signed), key, parsed.signature)) {
    return refused('invalid assertion');
  }
  const expires = typeof exp === 'string' ? Number(exp) : exp;
  if (typeof expires !== 'number' || !Number.isFinite(expires)) return refused('invalid assertion');
  if (expires * 1_000 <= context.nowMs) return refused('expired authorization code');
  if (aud !== LOGIN_HOST && aud !== context.origin) return refused('audience is invalid');
  const user = context.users.find((one) => one.username === sub);
  const approved = user === undefined ? null : context.tokens.grantOf(user.username, client.clientId);
  if (user === undefined || !user.active || !(approved !== null || context.app.isPreauthorized(user.username))) {
    return refused("user hasn't approved this consumer");
  }
  return { kind: 'user', user, scope: approved?.scope.replace(/\s*\brefresh_token\b\s*/, ' ').trim() ?? 'api' };
}

function refused(description: string): AssertionCheck {
  return { kind: 'refused', error: 'invalid_grant', description };
}

interface Assertion {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Header and claims as they were signed. */
  readonly signed: string;
  readonly signature: Buffer;
}

function parseAssertion(text: string): Assertion | null {
  const [head, body, signature, ...more] = text.split('.');
  if (head === undefined || body === undefined || signature === undefined || more.length > 0) return null;
  const header = part(head);
  const claims = part(body);
  if (header === null || claims === null) return null;
  return { header, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') };
}

function part(text: string): Readonly<Record<string, unknown>> | null {
  const value = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
