import type { Random } from './clock.ts';
import { GantryError, type ErrorBody } from './errors/error.ts';

/** What every HTTP door needs to know of a request, the same at each. */

const bearers = new WeakMap<Request, string>();

/** The request came with a browser's session, and this is what was signed in with. */
export function noteBearer(request: Request, bearer: string): void {
  bearers.set(request, bearer);
}

/** The bearer key that a request presents (RFC 6750), or that is noted of it; null where there is none. */
export function bearerOf(request: Request): string | null {
  const noted = bearers.get(request);
  if (noted !== undefined) return noted;
  const match = /^bearer +([\w\-.~+/]+=*) *$/i.exec(request.headers.get('authorization') ?? '');
  return match?.[1] ?? null;
}

/** Three parts, as a signed token has; our own keys have no dots. */
export const looksLikeToken = (bearer: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(bearer);

/** Nobody is behind this bearer. `message`: of a key; a token comes from elsewhere, and so does the next one. */
export function bearerRefused(bearer: string, message: string): GantryError {
  if (!looksLikeToken(bearer)) return new GantryError('unauthenticated', { message, where: 'Authorization' });
  return new GantryError('unauthenticated', {
    message: 'The access token has ended, was taken back, or is not for this place.',
    where: 'Authorization',
    fix: 'Sign in again, or get a new token from where this one came.',
  });
}

/** `req_` and 16 hex digits: enough to find one call in a log, short enough to read out. */
export function newRequestId(random: Random): string {
  return `req_${Buffer.from(random.bytes(8)).toString('hex')}`;
}

/**
 * The `WWW-Authenticate` of a refusal; null: it has nothing to do with a
 * sign-in. `presented`: the request came with a bearer.
 */
export type Challenge = (error: Pick<ErrorBody, 'code' | 'data'>, status: number, presented: boolean) => string | null;

/** RFC 6750: an error code only where a token was presented. */
export const plainChallenge: Challenge = (_, status, presented) => {
  if (status !== 401) return null;
  return presented ? 'Bearer realm="gantry", error="invalid_token"' : 'Bearer realm="gantry"';
};

/** What a request says beside its bearer: not believed yet. */
export interface RequestFrom {
  /** The user of the product in whose name it asks; null: in nobody's. */
  readonly principal: string | null;
  /** IP address of whoever sent it, empty where that is not known; null: this process itself. */
  readonly address: string | null;
}

/** From this process: no network, and in nobody's name. */
export const fromHere: RequestFrom = { principal: null, address: null };

/** Names the user of the product in whose name an agent asks. */
export const onBehalfOfHeader = 'gantry-on-behalf-of';

const addresses = new WeakMap<Request, string>();

/** The server tells where a request came from: the standard's `Request` has no place for it. */
export function noteAddress(request: Request, address: string): void {
  addresses.set(request, address);
}

/** Raises `principal_invalid`. */
export function fromOf(request: Request): RequestFrom {
  const header = request.headers.get(onBehalfOfHeader);
  return {
    principal: header === null ? null : principalIn(decoded(header)),
    address: addresses.get(request) ?? '',
  };
}

/** Headers are ASCII: other names, and those with commas, are written as RFC 8187 has it, `UTF-8''` and percent signs. */
function decoded(header: string): string {
  const text = header.trim();
  // Two such headers arrive as one with a comma: in whose name would it be?
  if (text.includes(',')) {
    throw new GantryError('principal_invalid', {
      message: 'The header is there more than once, or names a user with a comma.',
      where: 'Gantry-On-Behalf-Of',
      fix: "Send the header once; in a name that has commas write each as %2C after UTF-8'' (RFC 8187).",
    });
  }
  if (!/^utf-8''/i.test(text)) return text;
  try {
    return decodeURIComponent(text.slice(7));
  } catch {
    return '';
  }
}

/** 1 to 200 characters that people can see, spaces only inside. */
const PRINCIPAL = /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,200}(?<! )$/u;

/** How the product names one of its users. Raises `principal_invalid`, which repeats nothing. */
export function principalIn(text: string): string {
  if (PRINCIPAL.test(text)) return text;
  throw new GantryError('principal_invalid', {
    message: 'That cannot be the name of a user: it has 1 to 200 visible characters.',
    where: 'Gantry-On-Behalf-Of',
  });
}
