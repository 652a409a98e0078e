import { GantryError, isJsonObject, isNestedBeyond, limits, type Json } from '../kernel/index.ts';

/**
 * The request's JSON body, as `readArguments` has it; refused, too, where a
 * text in it has U+0000, which no text of the database can hold, and where it
 * is nested so deep that whoever walks it could run out of stack.
 */
export async function readJson(request: Request): Promise<Json> {
  const { text, body } = await readParsed(request);
  if (isNestedBeyond(text, limits.doorNestingMax)) {
    throw new GantryError('bad_request', {
      message: `The body is nested deeper than ${String(limits.doorNestingMax)} levels.`,
      where: 'body',
      fix: 'Send it flatter.',
    });
  }
  if (ESCAPED_NUL.test(text)) throw holdsNul(memberWithNul(body));
  return body;
}

/** Of a call of a tool: tools judge each text themselves, the same at every door. */
export async function readArguments(request: Request, bytesMax: number = limits.doorBodyBytesMax): Promise<Json> {
  return (await readParsed(request, bytesMax)).body;
}

/**
 * Refused before reading where the type is not JSON (browsers send other
 * types across origins without asking) or the declared length is too much,
 * and while reading once more than the limit has arrived.
 */
async function readParsed(
  request: Request,
  bytesMax: number = limits.doorBodyBytesMax,
): Promise<{ readonly text: string; readonly body: Json }> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new GantryError('bad_request', {
      message: 'The body must be JSON with `content-type: application/json`.',
      where: 'content-type',
    });
  }
  const text = await readText(request, bytesMax);
  try {
    return { text, body: JSON.parse(text) as Json };
  } catch {
    throw new GantryError('bad_request', { message: 'The body is not valid JSON.', where: 'body' });
  }
}

/** Refuses U+0000 in path and query: no text of the database can hold it. Raises `bad_request`. */
export function refuseNulInUrl(address: string): void {
  if (!address.includes('%00')) return;
  const named = [...new URL(address).searchParams].find(([, value]) => value.includes(NUL))?.[0];
  throw holdsNul(named ?? 'url');
}

const NUL = '\u0000';

/** In valid JSON backslashes stand in texts and names only: an odd number of them begins an escape. */
const ESCAPED_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

function memberWithNul(body: Json): string {
  if (!isJsonObject(body)) return 'body';
  return Object.entries(body).find(([, value]) => typeof value === 'string' && value.includes(NUL))?.[0] ?? 'body';
}

const holdsNul = (where: string): GantryError =>
  new GantryError('bad_request', {
    message: 'It holds the character U+0000, which no text may have here.',
    where: where.replaceAll(NUL, '').slice(0, 80),
    fix: 'Send it without that character.',
  });

/** The fields of a form that a browser sent. Raises `bad_request`, `body_too_large`. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new GantryError('bad_request', { message: 'This is not a form of the connect page.', where: 'content-type' });
  }
  const form = new URLSearchParams(await readText(request, limits.doorBodyBytesMax));
  const bad = [...form].find((pair) => pair.some((text) => text.includes(NUL)));
  if (bad !== undefined) throw holdsNul(bad[0]);
  return form;
}

/** The body as it came. Raises `body_too_large`. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = (): GantryError =>
    new GantryError('body_too_large', { message: `The body is larger than ${bytesMax} bytes.` });
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts);
    bytes += value.byteLength;
    // Not cancelled: that would tear the socket down before the refusal is out.
    if (bytes > bytesMax) throw tooLarge();
    parts.push(value);
  }
}

async function readText(request: Request, bytesMax: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(request, bytesMax));
}
