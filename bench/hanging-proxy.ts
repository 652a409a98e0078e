import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * - well: the provider answers
 * - hangs: calls are taken and never answered
 * - breaks, limits: every call is answered with 503, or 429 for a minute
 */
export type ProxyMood = 'well' | 'hangs' | 'breaks' | 'limits';

/** Stands before a provider, and does as it is told. */
export interface HangingProxy {
  readonly url: string;
  be(mood: ProxyMood): void;
  stop(): Promise<void>;
}

const refusals = {
  breaks: 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
  limits: 'HTTP/1.1 429 Too Many Requests\r\nretry-after: 60\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
} as const;

export async function hangingProxy(target: string): Promise<HangingProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let mood: ProxyMood = 'well';
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
    if (mood === 'hangs') {
      socket.resume();
      return;
    }
    if (mood !== 'well') {
      const refusal = refusals[mood];
      socket.once('data', () => socket.end(refusal));
      return;
    }
    const upstream = connect(Number(port), hostname);
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const closeAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    be: (now) => {
      mood = now;
      closeAll();
    },
    stop: async () => {
      closeAll();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
