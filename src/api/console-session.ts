import type { Context } from 'hono';
import { GantryError, noteBearer } from '../kernel/index.ts';
import type { ConsoleUseCases } from './console-ports.ts';
import { isForOperators } from './enforce-roles.ts';

/** Our page sends it with each request. Pages of others cannot without being allowed to, which nobody is. */
const OWN_HEADER = 'gantry-console';

/** The prefix keeps other hosts of the domain from setting it. */
const nameOf = (secure: boolean): string => (secure ? '__Host-gantry_console' : 'gantry_console');

/** Out of reach of scripts, and never sent with what another site began. */
export const consoleCookie = (session: string, secure: boolean, seconds: number): string =>
  `${nameOf(secure)}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${String(seconds)}${secure ? '; Secure' : ''}`;

/** Null: this browser is not signed in. */
export function heldConsoleSession(request: Request, secure: boolean): string | null {
  const prefix = `${nameOf(secure)}=`;
  const cookies = (request.headers.get('cookie') ?? '').split(';').map((part) => part.trim());
  const found = cookies.find((part) => part.startsWith(prefix))?.slice(prefix.length);
  return found === undefined || found === '' ? null : found;
}

/** Raises `console_request_foreign` unless our own page sent it. */
export function requireOwnPage(request: Request): void {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  const isOwn =
    request.headers.get(OWN_HEADER) === '1' &&
    (site === null || site === 'same-origin') &&
    (origin === null || hostOf(origin) === request.headers.get('host')?.toLowerCase());
  if (isOwn) return;
  throw new GantryError('console_request_foreign', { message: 'This request was not sent by the console.' });
}

/** Null: it is none (`null` of a sandboxed frame). */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/**
 * Lets a signed-in browser ask what its operator may ask: the request counts as
 * one with the key that was signed in with. A request with a key of its own is
 * left as it is, and so is what is for agents. Raises `console_request_foreign`.
 */
export async function takeConsoleSession(context: Context, console: ConsoleUseCases): Promise<void> {
  const request = context.req.raw;
  if (request.headers.has('authorization') || !isForOperators(context)) return;
  const session = heldConsoleSession(request, console.secure);
  if (session === null) return;
  requireOwnPage(request);
  const bearer = await console.bearerOf(session);
  if (bearer !== null) noteBearer(request, bearer);
}
