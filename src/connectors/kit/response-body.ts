import { limits, type Json } from '../../kernel/index.ts';

/** A body, or why it could not be used. Nothing of it may reach a message. */
export type BodyResult =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too_large' }
  /** `text`: the beginning, for telling errors apart; some are one bare word. */
  | { readonly kind: 'not_json'; readonly text: string };

/** Reads the whole body, but never holds more than `bytesMax`: a longer one is cut off and the connection closed. */
export async function readJsonBody(response: Response, bytesMax: number): Promise<BodyResult> {
  if (response.body === null) return { kind: 'empty' };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream, which closes the socket.
    if (size > bytesMax) return { kind: 'too_large' };
    chunks.push(chunk);
  }
  if (size === 0) return { kind: 'empty' };
  const bytes = Buffer.concat(chunks);
  if (isNestedBeyond(bytes, limits.responseNestingMax)) return { kind: 'not_json', text: '' };
  try {
    return { kind: 'json', value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json };
  } catch {
    return { kind: 'not_json', text: bytes.toString('utf8', 0, ERROR_WORD_BYTES_MAX).trim() };
  }
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [...Buffer.from('"\\[]{}')];

/** Whoever walks a value calls himself once per level: what is nested too deep would end the stack, not the call. */
function isNestedBeyond(bytes: Uint8Array, depthMax: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

const ERROR_WORD_BYTES_MAX = 200;
