import { createHmac } from 'node:crypto';

/** What OAuth 1.0a signs with (RFC 5849 §3.1): the client's pair and the token's. */
export interface OAuth1Keys {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token: string;
  readonly tokenSecret: string;
  /** Named in the header, never signed (§3.5.1). */
  readonly realm?: string;
}

export interface OAuth1Request {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  /** Pairs of a form body, which are signed; absent for any other body (§3.4.1.3.1). */
  readonly form?: readonly (readonly [string, string])[];
}

export type OAuth1Method = 'HMAC-SHA256' | 'HMAC-SHA1';

/** Never used twice together (§3.3). */
export interface OAuth1Stamp {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly nonce: string;
}

/**
 * The `Authorization` header of a signed call. HMAC-SHA256 is what NetSuite
 * asks for (Token-Based Authentication, "The Authorization Header"); RFC 5849
 * itself names HMAC-SHA1 only, kept for its examples.
 */
export function oauth1Header(
  keys: OAuth1Keys,
  request: OAuth1Request,
  { timestamp, nonce }: OAuth1Stamp,
  method: OAuth1Method = 'HMAC-SHA256',
): string {
  const own: [string, string][] = [
    ['oauth_consumer_key', keys.consumerKey],
    ['oauth_token', keys.token],
    ['oauth_signature_method', method],
    ['oauth_timestamp', String(timestamp)],
    ['oauth_nonce', nonce],
    ['oauth_version', '1.0'],
  ];
  const key = `${percentEncoded(keys.consumerSecret)}&${percentEncoded(keys.tokenSecret)}`;
  const hash = method === 'HMAC-SHA256' ? 'sha256' : 'sha1';
  const signature = createHmac(hash, key).update(signatureBase(request, own)).digest('base64');
  const realm = keys.realm === undefined ? [] : [`realm="${keys.realm.replaceAll(/["\\]/g, '')}"`];
  const parts = [...own, ['oauth_signature', signature] as const].map(
    ([name, value]) => `${name}="${percentEncoded(value)}"`,
  );
  return `OAuth ${[...realm, ...parts].join(', ')}`;
}

/** §3.4.1: method, address without query, and every parameter, sorted, each encoded, the three joined by `&`. */
export function signatureBase(
  { method, url, form = [] }: OAuth1Request,
  own: readonly (readonly [string, string])[],
): string {
  const address = new URL(url);
  const pairs = [...address.searchParams, ...form, ...own]
    .map(([name, value]) => [percentEncoded(name), percentEncoded(value)] as const)
    .toSorted(([a, x], [b, y]) => byteOrder(a, b) || byteOrder(x, y))
    .map(([name, value]) => `${name}=${value}`);
  // `URL` has lower-cased the host and dropped a default port, as §3.4.1.2 wants.
  const base = `${address.protocol}//${address.host}${address.pathname}`;
  return [method.toUpperCase(), percentEncoded(base), percentEncoded(pairs.join('&'))].join('&');
}

/** What is encoded is ASCII: the order of code units is the order of bytes. */
const byteOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** §3.6: everything but letters, digits and `-._~`. */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
