import { GantryError, limits, send, withinTime } from '../../kernel/index.ts';
import { isAllowedAddress } from '../../kernel/index.ts';
import { boundedText } from './bounded-text.ts';

/**
 * The metadata document of a client that names itself by an address
 * (draft-ietf-oauth-client-id-metadata-document): an address that a stranger
 * chose. Public places only, no redirects, a bounded time and size; the library
 * checks what it says.
 */
export async function fetchClientDocument(address: string): Promise<Response> {
  const url = checkedAddress(address);
  return withinTime(limits.identityCallTimeoutMs, undefined, async (signal) => {
    const response = await send('connector.client_document', url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal,
    });
    const text = await boundedText(response, limits.clientDocumentBytesMax);
    if (text === null) throw refused('It is too large.');
    const headers = { 'cache-control': response.headers.get('cache-control') ?? '' };
    return new Response(text, { status: response.status, headers });
  });
}

/** Names are judged when they are connected to (`send`); numbers here. */
function checkedAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.protocol !== 'https:') throw refused('It is not https.');
  if (url.username !== '' || url.password !== '') throw refused('It holds a name or password.');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (/^[\d.]+$|:/.test(host) && !isAllowedAddress(host, { toLoopback: false })) {
    throw refused('It is in a private network.');
  }
  return url;
}

const refused = (why: string): GantryError =>
  new GantryError('upstream_address_refused', {
    message: `The description of the client is not fetched. ${why}`,
    where: 'client_id',
  });
