import { GantryError, limits, type Json } from '../kernel/index.ts';

/**
 * The request's JSON body. Refused before reading where the type is not JSON
 * (browsers send other types across origins without asking) or the declared
 * length is too much, and while reading once more than the limit has arrived.
 */
export async function readJson(request: Request): Promise<Json> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new GantryError('bad_request', {
      message: 'The body must be JSON with `content-type: application/json`.',
      where: 'content-type',
    });
  }
  const text = await readText(request, limits.doorBodyBytesMax);
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new GantryError('bad_request', { message: 'The body is not valid JSON.', where: 'body' });
  }
}

/** The fields of a form that a browser sent. Raises `bad_request`, `body_too_large`. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new GantryError('bad_request', { message: 'This is not a form of the connect page.', where: 'content-type' });
  }
  return new URLSearchParams(await readText(request, limits.doorBodyBytesMax));
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
