import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIPv6 } from 'node:net';
import { attackersNames } from './vectors.ts';

type Done = (error: Error | null, addresses: unknown, family?: number) => void;

/** While `work` runs, an attacker's names lead where the attacker says, in this process; nothing is asked of any network. */
export async function withAttackersNames(work: () => Promise<void>): Promise<void> {
  const real = dns.lookup;
  const told = (hostname: string, options: { readonly all?: boolean }, done: Done): void => {
    const addresses = attackersNames[hostname.toLowerCase().replace(/\.$/, '')];
    if (addresses === undefined) return done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
    const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    if (options.all === true) return done(null, found);
    return done(null, found[0]?.address, found[0]?.family);
  };
  dns.lookup = told as unknown as typeof dns.lookup;
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    dns.lookup = real;
    syncBuiltinESMExports();
  }
}
