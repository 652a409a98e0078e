import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A real HTTP server that gives the answers it was told, in order; the last one repeats. For faults that no provider sandbox would produce. */
export interface ScriptServer {
  readonly url: string;
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly authorization: string;
    readonly body: string;
  }[];
  stop(): Promise<void>;
}

export async function scriptServer(...answers: Answer[]): Promise<ScriptServer> {
  const requests: ScriptServer['requests'][number][] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push({
        method: request.method ?? '',
        url: request.url ?? '',
        authorization: request.headers.authorization ?? '',
        body,
      });
      answer?.(request, response, body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const raw =
  (body: string | Uint8Array, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

/** Says that more will come than does, then closes. */
export const truncated =
  (body: string): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length + 100) });
    response.write(body, () => response.socket?.destroy());
  };

export const reset: Answer = (request) => {
  request.socket.destroy();
};

/** Never answers. */
export const silence: Answer = () => {};
