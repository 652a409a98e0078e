import { BlockList, isIP } from 'node:net';
import { GantryError } from '../kernel/index.ts';
import { isNetwork } from '../manifest/index.ts';

/** Whether an address is in one of the networks (CIDR, or single addresses). An address that is none is in no network. */
export function isWithin(networks: readonly string[], address: string): boolean {
  const plain = unmapped(address);
  const family = isIP(plain);
  if (family === 0) return false;
  return listOf(networks).check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

/** `::ffff:203.0.113.7` is how a socket for both families shows 203.0.113.7. */
const unmapped = (address: string): string => /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;

const lists = new WeakMap<readonly string[], BlockList>();

function listOf(networks: readonly string[]): BlockList {
  const known = lists.get(networks);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  lists.set(networks, list);
  return list;
}

/**
 * Whom a request comes from: the socket's other end, or, where that is a proxy
 * of ours, what the proxies say of it. Read from the end of the header, which
 * the nearest proxy wrote; what stands before an address that is no proxy of
 * ours anybody may have written.
 */
export function clientAddress(socket: string, forwardedFor: string | null, trustedProxies: readonly string[]): string {
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim());
  let address = unmapped(socket);
  while (isWithin(trustedProxies, address)) {
    const next = hops.pop();
    if (next === undefined || next === '') return address;
    // A proxy that writes ports, or names: whoever it is, they are in no network.
    address = isIP(unmapped(next)) === 0 ? '' : unmapped(next);
  }
  return address;
}

/** Networks in a setting, comma separated. Raises `config_invalid`. */
export function networksIn(text: string, where: string): readonly string[] {
  const networks = text
    .split(',')
    .map((network) => network.trim())
    .filter((network) => network !== '');
  const bad = networks.find((network) => !isNetwork(network));
  if (bad === undefined) return networks;
  throw new GantryError('config_invalid', {
    message: `"${bad.slice(0, 80)}" is not a network.`,
    where,
    fix: 'Write networks as 10.0.0.0/8 and single addresses as 10.0.0.7, comma separated.',
  });
}
