import { createHash } from 'node:crypto';
import { isNestedBeyond, limits, type Json } from '../../kernel/index.ts';

/** A body, or why it could not be used. Nothing of it may reach a message. */
export type BodyResult =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too_large' }
  /** `text`: the beginning, for telling errors apart; some are one bare word. `hash`: the same bytes have the same. */
  | { readonly kind: 'unreadable'; readonly text: string; readonly hash: string };

/** Text of an answer to a value; throws for text that is not what it should be. `status` tells answers from errors. */
export type BodyParser = (text: string, status: number) => Json;
/** The same for text that takes so long to read that other work has to go on beside it. */
export type SlowBodyParser = (text: string, status: number) => Promise<Json>;

/** What a body that gets large waits for before more of it is taken; told when it was read, or was not. */
export interface LargeTurn {
  readonly fromBytes: number;
  enter(): Promise<() => void>;
}

/** Reads the whole body, but never holds more than `bytesMax`: a longer one is cut off and the connection closed. */
export async function readBody(
  response: Response,
  bytesMax: number,
  parse: BodyParser | SlowBodyParser = parseJson,
  turn: LargeTurn | null = null,
): Promise<BodyResult> {
  if (response.body === null) return { kind: 'empty' };
  let leave: (() => void) | null = null;
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.byteLength;
      // Leaving the loop cancels the stream, which closes the socket.
      if (size > bytesMax) return { kind: 'too_large' };
      chunks.push(chunk);
      // Whoever does not read makes the sender wait.
      if (turn !== null && leave === null && size > turn.fromBytes) leave = await turn.enter();
    }
    return size === 0 ? { kind: 'empty' } : await valueOf(chunks, response.status, parse);
  } finally {
    leave?.();
  }
}

async function valueOf(chunks: Uint8Array[], status: number, parse: BodyParser | SlowBodyParser): Promise<BodyResult> {
  const bytes = Buffer.concat(chunks);
  // They would stand beside their copy, and beside the value.
  chunks.length = 0;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { kind: 'value', value: await parse(text, status) };
  } catch {
    const hash = createHash('sha256').update(bytes).digest('hex');
    return { kind: 'unreadable', text: bytes.toString('utf8', 0, ERROR_WORD_BYTES_MAX).trim(), hash };
  }
}

/** The parser of most answers. Throws for what is nested too deep, too. */
export const parseJson = (text: string): Json => {
  if (isNestedBeyond(text, limits.responseNestingMax)) throw new Error('nested too deep');
  return JSON.parse(text) as Json;
};

const ERROR_WORD_BYTES_MAX = 200;
