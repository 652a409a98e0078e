import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands before a provider, and can be told to take calls and never answer them. */
export interface HangingProxy {
  readonly url: string;
  hang(hanging: boolean): void;
  stop(): Promise<void>;
}

export async function hangingProxy(target: string): Promise<HangingProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let hanging = false;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
    if (hanging) {
      socket.resume();
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
    hang: (now) => {
      hanging = now;
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
