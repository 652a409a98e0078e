import type { Random } from './clock.ts';

/** What every HTTP door needs to know of a request, the same at each. */

/** The bearer key that a request presents, or null where it presents none (RFC 6750). */
export function bearerOf(request: Request): string | null {
  const match = /^bearer +([\w\-.~+/]+=*) *$/i.exec(request.headers.get('authorization') ?? '');
  return match?.[1] ?? null;
}

/** `req_` and 16 hex digits: enough to find one call in a log, short enough to read out. */
export function newRequestId(random: Random): string {
  return `req_${Buffer.from(random.bytes(8)).toString('hex')}`;
}
