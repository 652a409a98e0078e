import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP line between the connector and the sandbox's Pub/Sub API that can be cut, or left open and dead. */
export interface TcpLine {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  /** How many connections were made so far. */
  opened(): number;
  /** Resets every connection. */
  reset(): void;
  /** Nothing passes any more, and nobody is told: both ends believe in their connection. New ones pass. */
  freeze(): void;
  stop(): Promise<void>;
}

export async function tcpLine(to: string): Promise<TcpLine> {
  const [host = '', port = ''] = to.split(':');
  const sockets = new Set<Socket>();
  let opened = 0;
  const server = createServer((near) => {
    opened += 1;
    const far = connect(Number(port), host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes) => other.write(bytes));
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    opened: () => opened,
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    freeze: () => {
      for (const socket of sockets) {
        socket.removeAllListeners('data');
        socket.resume();
      }
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
