/** `acme.zendesk.com` by `*.zendesk.com`, and a host by itself. A lone `*` is any host that has a public name. */
export function hostMatches(hosts: readonly string[], hostname: string): boolean {
  return hosts.some((host) => {
    if (host === '*') return isPublicName(hostname);
    return host.startsWith('*.') ? hostname.endsWith(host.slice(1)) && hostname !== host.slice(2) : hostname === host;
  });
}

/** Names that only mean something inside a network (RFC 6761, RFC 6762, RFC 8375), or inside a cluster. */
const PRIVATE_SUFFIXES = [
  '.local',
  '.localhost',
  '.localdomain',
  '.internal',
  '.home.arpa',
  '.lan',
  '.svc',
  '.cluster.local',
];

/** No address in numbers and no name of the network that we run in: what somebody enters must not make us call our neighbours. */
function isPublicName(hostname: string): boolean {
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) return false;
  // The root's own dot changes nothing about where a name leads.
  const name = hostname.replace(/\.+$/, '');
  return name.includes('.') && !PRIVATE_SUFFIXES.some((suffix) => `.${name}`.endsWith(suffix));
}
