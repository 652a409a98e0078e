import { ProxyAgent, type Dispatcher } from 'undici';
import { GantryError } from './errors/error.ts';

/**
 * The one address from which calls to providers leave, where an operator set
 * one: customers then let in that address only. State of the module, because a
 * call that had to be handed its proxy could be made without it.
 */
interface Proxy {
  readonly url: string;
  readonly agent: ProxyAgent;
}

let proxy: Proxy | null = null;

/** Calls to providers go through `url` from now on, by CONNECT; null: straight. Raises `config_invalid`. */
export function setOutboundProxy(url: string | null): void {
  if (url === (proxy?.url ?? null)) return;
  const before = proxy?.agent;
  proxy = url === null ? null : { url, agent: agentFor(url) };
  // Calls under way end as they began.
  void before?.close().catch(() => undefined);
}

/** For protocols that do not go by `send`; null: none is set. */
export const outboundProxy = (): string | null => proxy?.url ?? null;

export const outboundDispatcher = (): Dispatcher | null => proxy?.agent ?? null;

function agentFor(text: string): ProxyAgent {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw new GantryError('config_invalid', {
      // The text may hold a password.
      message: 'The outbound proxy is not an address such as http://proxy.example.com:3128.',
      where: 'GANTRY_OUTBOUND_PROXY',
    });
  }
  const { username, password } = url;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return new ProxyAgent({
    uri: url.origin,
    // Also where the provider is spoken to in clear: one way for all.
    proxyTunnel: true,
    ...(username === '' ? {} : { token: `Basic ${Buffer.from(pair).toString('base64')}` }),
  });
}

/** Of opening a socket: with a proxy set, all of them are to it. */
const UNREACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What went wrong on the way to the proxy, or what it answered instead of a way on; null: something behind it. */
export function proxyFailure(error: unknown): GantryError | null {
  let cause = error;
  while (cause instanceof Error) {
    const answered = /^Proxy response \((\d{3})\) /.exec(cause.message)?.[1];
    if (answered !== undefined) return failure(`does not open a way to the provider (${answered})`, Number(answered));
    if ('code' in cause && UNREACHED.has(String(cause.code))) return failure('cannot be reached', null);
    cause = cause.cause;
  }
  return null;
}

function failure(what: string, status: number | null): GantryError {
  return new GantryError('outbound_proxy_failed', {
    message: `The outbound proxy ${what}; the provider was not asked.`,
    where: 'GANTRY_OUTBOUND_PROXY',
    ...(status === null ? {} : { data: { status } }),
  });
}
