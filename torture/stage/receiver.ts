import { appendFileSync, closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An event as it came, told to the checker in the order of arrival. */
export interface Arrival {
  /** Wall clock, ms. */
  readonly at: number;
  /** `webhook-id`: the same for every attempt. */
  readonly id: string;
  readonly sequence: number;
  readonly ref: string;
  /** What it was answered; 0: nothing. */
  readonly status: number;
}

/** What the product team's backend is: takes events out, and misbehaves when it is told to. */
export interface Receiver {
  readonly url: string;
  /** The same place by another name: answered alike, and not noted. */
  beside(name: string): string;
  /** One Arrival a line. */
  readonly file: string;
  /** What is answered from now on, with these headers; 0 cuts the line without an answer. */
  answer(status: number, headers?: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

/** Only what comes here is noted. */
const PATH = '/events';

export async function startReceiver(file: string): Promise<Receiver> {
  closeSync(openSync(file, 'a'));
  let now: { readonly status: number; readonly headers: Readonly<Record<string, string>> } = {
    status: 204,
    headers: {},
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { status, headers } = now;
      // Beside the one that is judged there are others, and people who are told of problems.
      if (request.url !== PATH) return void response.writeHead(status === 0 ? 500 : status, headers).end();
      const { data } = JSON.parse(body) as { data: { sequence: number; _ref: string } };
      const id = String(request.headers['webhook-id']);
      const arrival: Arrival = { at: Date.now(), id, sequence: data.sequence, ref: data._ref, status };
      appendFileSync(file, `${JSON.stringify(arrival)}\n`);
      if (status === 0) request.socket.destroy();
      else response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: `${origin}${PATH}`,
    beside: (name) => `${origin}/${name}`,
    file,
    answer: (status, headers = {}) => {
      now = { status, headers };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
