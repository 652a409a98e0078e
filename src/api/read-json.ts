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

async function readText(request: Request, bytesMax: number): Promise<string> {
  const tooLarge = (): GantryError =>
    new GantryError('body_too_large', { message: `The body is larger than ${bytesMax} bytes.` });
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge();
  if (request.body === null) return '';
  const reader = request.body.getReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    // Not cancelled: that would tear the socket down before the refusal is out.
    if (bytes > bytesMax) throw tooLarge();
    text += decoder.decode(value, { stream: true });
  }
}
