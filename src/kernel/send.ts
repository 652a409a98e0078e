import { fetch as fetchThrough, type Dispatcher } from 'undici';
import { crashPoint } from './crash-point.ts';
import { outboundDispatcher, proxyFailure } from './outbound-proxy.ts';
import { addressFailure, providerDispatcher } from './provider-agent.ts';

/**
 * The one way by which a call leaves the process: `fetch` between two crash
 * points. `place` says whose call it is, as `<area>.<what>`: those of
 * `connector.` are to providers and go through the outbound proxy where one is
 * set, otherwise only to names that lead to public addresses; `by`: the caller's
 * own connections, for those that may not lead anywhere. Raises what `fetch` raises, `outbound_proxy_failed` and `upstream_address_refused`.
 */
export async function send(place: string, url: string | URL, init: RequestInit, by?: Dispatcher): Promise<Response> {
  crashPoint(`${place}.before_send`);
  const response = await (by !== undefined
    ? through(url, init, by)
    : place.startsWith(TO_PROVIDERS)
      ? fetchOutward(url, init)
      : fetch(url, init));
  crashPoint(`${place}.after_send`);
  return response;
}

const TO_PROVIDERS = 'connector.';

async function fetchOutward(url: string | URL, init: RequestInit): Promise<Response> {
  const proxy = outboundDispatcher();
  // The proxy looks names up, and knows what it lets through.
  const dispatcher = proxy ?? providerDispatcher(url);
  if (dispatcher === null) return fetch(url, init);
  try {
    return await through(url, init, dispatcher);
  } catch (error) {
    throw (proxy === null ? addressFailure(error, url) : proxyFailure(error)) ?? error;
  }
}

function through(url: string | URL, init: RequestInit, dispatcher: Dispatcher): Promise<Response> {
  // The same standard twice: the one that Node carries takes no dispatcher of another version.
  const fetchBy = fetchThrough as unknown as (url: string | URL, init: object) => Promise<Response>;
  return fetchBy(url, { ...init, dispatcher });
}
