import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/kernel/index.ts';

export type Fields = { readonly [name: string]: unknown };

/** One message as it came, its body read as JSON. */
export interface Received<Body = Fields> {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly json: Body;
}

export type Behaviour<Body = Fields> = (request: Received<Body>, response: ServerResponse) => void;

export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}): Behaviour<unknown> =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end();
  };

export interface Receiver<Body = Fields> {
  readonly url: string;
  readonly received: readonly Received<Body>[];
  behave(next: Behaviour<Body>): void;
  stop(): Promise<void>;
}

/** A real receiver of messages signed as Standard Webhooks are; it does as it is told, until it is told otherwise. */
export async function openReceiver<Body = Fields>(first: Behaviour<Body> = answer(204)): Promise<Receiver<Body>> {
  const received: Received<Body>[] = [];
  let behave = first;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      const one = { id: headers['webhook-id'] ?? '', headers, body, json: JSON.parse(body) as Body };
      received.push(one);
      behave(one, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`,
    received,
    behave: (next) => {
      behave = next;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Resolves once it holds; the suite's own time limit says when not. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(20);
}
