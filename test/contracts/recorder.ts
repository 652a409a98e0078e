import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedCall {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string | null;
  readonly requestBody: string;
  readonly status: number;
  readonly responseBody: string;
}

export interface Recorder {
  readonly url: string;
  readonly calls: readonly RecordedCall[];
  stop(): Promise<void>;
}

/**
 * Stands between a connector and a sandbox and notes every call as it went over
 * the wire. Addresses in answers are turned towards itself, so that links are
 * followed through it, too.
 */
export async function startRecorder(target: string): Promise<Recorder> {
  const calls: RecordedCall[] = [];
  let origin = '';
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const requestBody = await bodyOf(incoming);
      const url = new URL(incoming.url ?? '/', target);
      const response = await fetch(url, {
        method: incoming.method ?? 'GET',
        headers: passedOn(incoming),
        redirect: 'manual',
        ...(requestBody === '' ? {} : { body: requestBody }),
      });
      const responseBody = await response.text();
      calls.push({
        method: incoming.method ?? 'GET',
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        contentType: incoming.headers['content-type'] ?? null,
        requestBody,
        status: response.status,
        responseBody,
      });
      const headers = Object.fromEntries([...response.headers].filter(([name]) => !DROPPED.has(name)));
      outgoing.writeHead(response.status, headers);
      outgoing.end(responseBody.replaceAll(target, origin));
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin,
    calls,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** They speak of one hop, or of a body that was decoded on the way. */
const DROPPED = new Set([
  'connection',
  'keep-alive',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'host',
]);

function passedOn({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !DROPPED.has(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
