import { isIP } from 'node:net';

export const networkRule = 'must be a network or an address, such as 203.0.113.0/24 or 2001:db8::/32';

/** One network, or one address. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

export const redirectRule = 'must be an address to go back to: https, or http on the own machine';

/** An exact address as clients send it: https, or http on the user's own machine (RFC 8252), or an app's own scheme. */
export function isRedirect(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, hash, username, password } = new URL(text);
  if (hash !== '' || username !== '' || password !== '') return false;
  if (protocol === 'http:') return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return protocol === 'https:' || protocol.includes('.');
}
