import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, type SandboxRequest, type SandboxResponse } from './http.ts';

/** What the server does with a request: answer it, or cut the connection after so many bytes. */
export type Outcome =
  | { readonly kind: 'answer'; readonly response: SandboxResponse }
  | { readonly kind: 'cut'; readonly response: SandboxResponse; readonly afterBytes: number };

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Above what providers accept, so that a provider's own answer to long requests is seen. */
const HEADER_BYTES_MAX = 128 * 1024;
const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** Longer than any test waits: a connection that ends just as it is used again looks like a failure. */
const IDLE_MS = 120_000;

/**
 * Plain HTTP on 127.0.0.1. Answers are dated by `now`, the sandbox's clock:
 * clients compare a record's stamps with the Date header. `stop` ends open connections too, so that a stopped sandbox is really gone.
 */
export async function startServer(
  port: number,
  now: () => Date,
  handle: (request: SandboxRequest) => Promise<Outcome>,
): Promise<RunningServer> {
  let origin = '';
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX, keepAliveTimeout: IDLE_MS }, (incoming, outgoing) => {
    outgoing.setHeader('date', now().toUTCString());
    serve(origin, incoming, outgoing, handle).catch((error: unknown) => {
      process.stderr.write(`sandbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      if (!outgoing.headersSent) send(outgoing, json(500, { error: 'sandbox_defect' }), false);
      else outgoing.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  origin: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (request: SandboxRequest) => Promise<Outcome>,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === null) {
    send(outgoing, json(413, { error: 'request body too large' }, { connection: 'close' }), false);
    return;
  }
  const url = new URL(incoming.url ?? '/', origin);
  const path = decodePath(url.pathname);
  if (path === null) {
    send(outgoing, json(400, { error: 'malformed path' }), false);
    return;
  }
  const method = incoming.method ?? 'GET';
  const request: SandboxRequest = {
    method,
    path,
    query: url.searchParams,
    target: incoming.url ?? '/',
    headers: incoming.headers,
    body,
    params: {},
    origin,
  };
  const outcome = await handle(request);
  if (outcome.kind === 'answer') send(outgoing, outcome.response, method === 'HEAD');
  else cut(outgoing, outcome.response, outcome.afterBytes);
}

function send(outgoing: ServerResponse, response: SandboxResponse, headOnly: boolean): void {
  const body = Buffer.from(response.body ?? '');
  outgoing.writeHead(response.status, { ...response.headers, 'content-length': String(body.length) });
  outgoing.end(headOnly ? undefined : body);
}

/** Announces the whole body, sends a part of it and drops the connection; nothing at all for 0 bytes. */
function cut(outgoing: ServerResponse, response: SandboxResponse, afterBytes: number): void {
  if (afterBytes <= 0) {
    outgoing.socket?.destroy();
    return;
  }
  const body = Buffer.from(response.body ?? '');
  outgoing.writeHead(response.status, { ...response.headers, 'content-length': String(body.length + 1) });
  outgoing.write(body.subarray(0, afterBytes), () => outgoing.socket?.destroy());
}

async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
