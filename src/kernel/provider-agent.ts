import { isIP } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { GantryError } from './errors/error.ts';
import { AddressRefused, guardedLookup } from './guarded-lookup.ts';
import { isAllowedAddress } from './public-address.ts';

/**
 * Calls to providers at names that a customer may have entered: what a name
 * leads to is judged when it is connected to. State of the module, as the
 * outbound proxy is: a call that had to be handed its guard could be made
 * without it.
 */
let trusted: ReadonlySet<string> = new Set();
let agent: Agent | null = null;

/** The operator configured these addresses (`GANTRY_APP_<INTEGRATION>_LOGIN_URL`): their names may lead into a private network. */
export function setTrustedOrigins(urls: Iterable<string>): void {
  trusted = new Set([...urls].filter((url) => URL.canParse(url)).map((url) => new URL(url).origin));
}

/**
 * What connects to public addresses only; null where there is nothing more to
 * judge: in clear, in numbers, or trusted. Raises `upstream_address_refused` for
 * numbers, which are never looked up: a customer's server may answer with them.
 */
export function providerDispatcher(address: string | URL): Dispatcher | null {
  const url = new URL(address);
  const { protocol, hostname, origin } = url;
  if (protocol !== 'https:' || trusted.has(origin)) return null;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) {
    if (!isAllowedAddress(host, { toLoopback: false })) throw refused(url);
    return null;
  }
  agent ??= new Agent({ connect: { lookup: guardedLookup({ toLoopback: false }) } });
  return agent;
}

/** Null: it failed for another reason. */
export function addressFailure(error: unknown, address: string | URL): GantryError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AddressRefused) return refused(new URL(address));
  }
  return null;
}

function refused({ origin, hostname }: URL): GantryError {
  return new GantryError('upstream_address_refused', {
    message: `${hostname} leads to an address in a private network; the provider was not called.`,
    where: origin,
    fix: `Use an address that is public. Where this one is meant, the operator sets GANTRY_APP_<INTEGRATION>_LOGIN_URL to ${origin}, or GANTRY_OUTBOUND_PROXY to a proxy that may reach it.`,
  });
}
