import { GantryError, isJsonObject, limits, send, type Json, type JsonObject } from '../../kernel/index.ts';
import { readBody, type BodyResult } from './response-body.ts';

export interface AuthCall {
  /** The provider's, for messages. */
  readonly title: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: { readonly as: 'form' | 'json'; readonly fields: Readonly<Record<string, string | number>> };
}

export interface AuthAnswer {
  readonly status: number;
  /** Null where the body is not JSON. */
  readonly value: Json;
  readonly headers: Headers;
}

/**
 * One POST to a provider's login service; never repeated here: a provider that
 * rotates has already spent what was sent when the answer is lost. Raises
 * `upstream_unavailable` and `upstream_rate_limited`; refusals are the caller's.
 */
export async function authCall({ title, url, headers = {}, body }: AuthCall): Promise<AuthAnswer> {
  const asJson = body.as === 'json';
  let response: Response;
  let read: BodyResult;
  try {
    response = await send('connector.token', url, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': asJson ? 'application/json' : 'application/x-www-form-urlencoded',
        'user-agent': 'gantry',
        ...headers,
      },
      body: asJson ? JSON.stringify(body.fields) : new URLSearchParams(textOf(body.fields)).toString(),
      // What is sent here must not be carried to an address that nobody chose.
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.tokenCallTimeoutMs),
    });
    read = await readBody(response, ANSWER_BYTES_MAX);
  } catch (error) {
    if (error instanceof GantryError) throw error;
    throw new GantryError('upstream_unavailable', {
      message: `The login service of ${title} could not be reached.`,
      where: `POST ${url.pathname}`,
    });
  }
  const { status } = response;
  if (status === 429 || status >= 500) {
    throw new GantryError(status === 429 ? 'upstream_rate_limited' : 'upstream_unavailable', {
      message: `The login service of ${title} is not available right now.`,
      where: `POST ${url.pathname}`,
      data: { status },
    });
  }
  return { status, value: read.kind === 'value' ? read.value : null, headers: response.headers };
}

export type TokenAnswer =
  | { readonly kind: 'granted'; readonly body: JsonObject }
  /** `reason` is one of RFC 6749's error words, never the provider's text. */
  | { readonly kind: 'refused'; readonly reason: string };

/** A call to a token endpoint (RFC 6749 §5). Raises `upstream_malformed` besides. */
export async function tokenCall(call: AuthCall): Promise<TokenAnswer> {
  const { status, value } = await authCall(call);
  // Only words of the protocol end a grant; a page of a proxy or a firewall does not.
  if (status >= 400 && isJsonObject(value) && Object.hasOwn(value, 'error')) {
    return { kind: 'refused', reason: reasonOf(value) };
  }
  if (status >= 300 || !isJsonObject(value)) throw notAToken(call.title, call.url.pathname);
  return { kind: 'granted', body: value };
}

const ANSWER_BYTES_MAX = 1024 * 1024;

/** The words that RFC 6749 §5.2 closes; anything else is not repeated to callers. */
const KNOWN_REASONS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_client_id',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'access_denied',
  'inactive_user',
  'inactive_org',
]);

function reasonOf({ error: word }: JsonObject): string {
  return typeof word === 'string' && KNOWN_REASONS.has(word) ? word : 'other';
}

/** Tokens are made of visible signs (RFC 6749, appendix A.12), and travel in a header. */
export const isSendable = (token: unknown): token is string =>
  typeof token === 'string' && token.length <= TOKEN_CHARS_MAX && /^[\x20-\x7e]+$/.test(token);

/** Servers refuse headers beyond 16 kB. */
const TOKEN_CHARS_MAX = 15_000;

/** Ten years: a longer life is none that anybody could keep. */
const TOKEN_LIFE_MAX_S = 315_360_000;

/** A life as a token answer states it. */
export const lifeIn = (seconds: unknown): number | null =>
  typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, TOKEN_LIFE_MAX_S) : null;

export function notAToken(title: string, path: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The login service of ${title} gave an answer that is not a token.`,
    where: `POST ${path}`,
  });
}

const textOf = (fields: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
