import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** Something inside that must not be reached. */
export interface Trap {
  readonly port: number;
  /** Connections so far. */
  reached(): number;
  /** Answers every request on this machine with this status and the trap as the place to go. */
  readonly redirector: (status: number) => string;
  close(): void;
}

export async function openTrap(): Promise<Trap> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.on('error', () => undefined);
    socket.destroy();
  });
  const port = await listening(server);
  const redirects = createHttpServer((request, response) => {
    request.resume();
    const status = Number(/\/(\d{3})/.exec(request.url ?? '')?.[1] ?? 302);
    response.writeHead(status, { location: `http://127.0.0.1:${String(port)}/stolen` }).end();
  });
  const from = await listening(redirects);
  return {
    port,
    reached: () => count,
    redirector: (status) => `http://127.0.0.1:${String(from)}/${String(status)}`,
    close: () => {
      server.close();
      redirects.close();
      redirects.closeAllConnections();
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
