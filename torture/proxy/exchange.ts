/** One request that went through, for the checker and the timeline. */
export interface Exchange {
  /** Wall clock, ms. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Null: no fault. */
  readonly fault: string | null;
  /** Set where the proxy itself answered 429 and said until when: wall clock, ms. */
  readonly limitedUntil: number | null;
  /** Hash of the credential that the request carried: calls of one account's budget. */
  readonly bearer: string;
}

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/;

/** The head of a request at the beginning of what a client sent; null where it is the rest of one. */
export function requestHead(
  chunk: Buffer,
): { readonly method: string; readonly path: string; readonly token: string } | null {
  const text = chunk.subarray(0, 16_384).toString('latin1');
  const line = REQUEST_LINE.exec(text);
  if (line === null) return null;
  const [, method = '', target = ''] = line;
  const token = /\r\nauthorization: bearer ([^\r]+)/i.exec(text)?.[1] ?? '';
  // The query may hold a code or a token: the path is enough to tell calls apart.
  return { method, path: target.split('?')[0] ?? '', token };
}

const TOKENS = /"(?:access_token|refresh_token)"\s*:\s*"([^"]{8,})"/g;

/** Tokens that an answer hands out: none of them may show up in a log or, unsealed, in the database. */
export function tokensIn(text: string): string[] {
  return [...text.matchAll(TOKENS)].map(([, token]) => token ?? '');
}
