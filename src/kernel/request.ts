import type { Random } from './clock.ts';
import { GantryError, type ErrorBody } from './errors/error.ts';

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

/** Headers are ASCII: others are written as RFC 8187 has it, `UTF-8''` and percent signs. */
function decoded(header: string): string {
  const text = header.trim();
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
