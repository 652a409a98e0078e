import { Agent, type Dispatcher } from 'undici';
import { GantryError, guardedLookup, isAllowedAddress, limits } from '../kernel/index.ts';

export interface ReceiverRules {
  /** Receivers on this machine are allowed, and in the clear. */
  readonly toLoopback: boolean;
}

/** Raises `subscription_url_refused`. A name is judged when it is connected to: what it leads to may change. */
export function checkReceiverUrl(text: string, rules: ReceiverRules): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw refused('It is not an address.');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const local = rules.toLoopback && (host === 'localhost' || host === '::1' || host.startsWith('127.'));
  if (url.protocol !== 'https:' && !(local && url.protocol === 'http:')) throw refused('It is not https.');
  if (url.username !== '' || url.password !== '') throw refused('It holds a name or password.');
  if (/^[\d.]+$|:/.test(host) && !isAllowedAddress(host, rules)) throw refused('It is in a private network.');
  return url;
}

const refused = (why: string): GantryError =>
  new GantryError('subscription_url_refused', { message: `Events are not sent to this address. ${why}`, where: 'url' });

/** Connects to allowed addresses only, looked up for this very connection: a name that leads elsewhere later gains nothing. */
export function createReceiverAgent(rules: ReceiverRules): Dispatcher {
  return new Agent({
    connect: { lookup: guardedLookup(rules), timeout: limits.deliveryTimeoutMs },
    connections: limits.deliveriesPerHostMax,
  });
}
