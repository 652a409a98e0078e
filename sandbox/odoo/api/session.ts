import { OdooError } from '../errors.ts';
import type { Org } from '../org.ts';
import type { Env } from '../orm/env.ts';

/** The surroundings of a call by a user who has signed in. */
export function envOf(org: Org, uid: number, context: unknown): Env {
  const login = org.logins().find((each) => each.uid === uid);
  if (login === undefined) throw new OdooError('denied', 'Access Denied');
  const given = typeof context === 'object' && context !== null && !Array.isArray(context);
  return {
    org,
    user: login,
    sudo: false,
    context: given ? (context as Readonly<Record<string, unknown>>) : {},
  };
}

/** A password or, in its place, an API key of that user; null for anything else. */
export function authenticated(org: Org, login: unknown, secret: unknown): number | null {
  const known = org.logins().find((each) => each.login === login && each.active);
  if (known === undefined || typeof secret !== 'string') return null;
  return known.password === secret || org.keys.check(secret) === known.uid ? known.uid : null;
}

/** Throws AccessDenied unless the secret is that of the uid, as every RPC call is checked. */
export function checkUid(org: Org, uid: unknown, secret: unknown): number {
  const login = org.logins().find((each) => each.uid === Number(uid));
  if (login === undefined || authenticated(org, login.login, secret) === null) {
    throw new OdooError('denied', 'Access Denied');
  }
  return login.uid;
}
