import { createHash, timingSafeEqual } from 'node:crypto';
import { GantryError } from '../kernel/index.ts';

/**
 * A browser holds its connect link's token in a cookie: out of the address, so
 * that it is in no history, log or Referer, and out of reach of any script. Lax,
 * because it has to come back with the person from the provider's page.
 */
export function connectCookie(token: string, secure: boolean): string {
  return `${nameOf(secure)}=${token}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** The prefix keeps other hosts of the domain from setting it. */
const nameOf = (secure: boolean): string => (secure ? '__Host-gantry_connect' : 'gantry_connect');

/** Null: this browser holds none. */
export function heldToken(request: Request, secure: boolean): string | null {
  const prefix = `${nameOf(secure)}=`;
  const cookies = (request.headers.get('cookie') ?? '').split(';').map((part) => part.trim());
  const found = cookies.find((part) => part.startsWith(prefix));
  return found === undefined ? null : found.slice(prefix.length);
}

/** What a form of ours carries: nobody can make it who does not hold the token. */
export const formProof = (token: string): string =>
  createHash('sha256').update(`gantry connect form ${token}`).digest('base64url');

/** Raises `connect_form_stale` unless the form came from a page that this browser was shown. */
export function requireOwnForm(request: Request, token: string, given: string | undefined): void {
  const site = request.headers.get('sec-fetch-site');
  const expected = Buffer.from(formProof(token));
  const shown = Buffer.from(given ?? '');
  const isOwn = shown.length === expected.length && timingSafeEqual(shown, expected);
  if (isOwn && (site === null || site === 'same-origin')) return;
  throw new GantryError('connect_form_stale', { message: 'This form was not sent from the connect page.' });
}
