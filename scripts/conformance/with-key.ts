import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WithKey {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The same server without a key: the suite has no way to send one. Puts the
 * key into each request and changes nothing else, Host and Origin included, so
 * that what is tested is the server.
 */
export async function withKey(target: string, key: string): Promise<WithKey> {
  const { hostname, port, pathname } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method, rawHeaders } = incoming;
    const headers = [...rawHeaders, 'authorization', `Bearer ${key}`];
    const onward = forward({ hostname, port, path: pathname, method: method ?? 'GET', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      // Streams begin with their head, not with their first event.
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(own)}${pathname}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
