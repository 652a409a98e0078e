import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isAllowedAddress } from './public-address.ts';

/** The name leads into a private network. */
export class AddressRefused extends Error {}

export type Resolve = (
  hostname: string,
  options: object & { readonly all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * For connections to names that others chose: fails with `AddressRefused` where
 * any address of the name is not public. Looked up for the very connection, so
 * that a name that leads elsewhere later gains nothing. Addresses in numbers
 * are never looked up: those the caller judges.
 */
export function guardedLookup(rules: { readonly toLoopback: boolean }, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '');
      const allowed = addresses.filter(({ address }) => isAllowedAddress(address, rules));
      const [first] = allowed;
      if (first === undefined || allowed.length < addresses.length) return done(new AddressRefused(), '');
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family);
    });
  };
}
