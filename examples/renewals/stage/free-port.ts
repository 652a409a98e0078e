import { createServer } from 'node:net';

// Below what systems hand out by themselves (Linux from 32768, others from 49152): a port of that range can become the
// near end of anybody's outgoing connection between the look at it and the server's start.
const lowest = 12_000;
const count = 20_000;
// Every process begins somewhere else, and goes on from there: two that look at the same time do not find the same one.
let next = Math.floor(Math.random() * count);

/** A port of 127.0.0.1 that nobody listens on now: redirect addresses have to be registered before the server starts. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < count; tries += 1) {
    const port = lowest + next;
    next = (next + 1) % count;
    if (await isFree(port)) return port;
  }
  throw new Error(`Nothing is free between ${String(lowest)} and ${String(lowest + count)}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
