import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

export interface TrueAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answers a call in the provider's place, knowing what the provider said. */
export type Mangle = (answer: TrueAnswer, response: ServerResponse, call: Call) => void;

/** A real HTTP server between a connector and a sandbox, which lies where it is told to. */
export interface ManglingProxy {
  readonly url: string;
  readonly calls: Call[];
  /** Answers such calls in this way, and no others any more. */
  mangle(matches: (call: Call) => boolean, how: Mangle): void;
  heal(): void;
  stop(): Promise<void>;
}

export async function manglingProxy(target: string): Promise<ManglingProxy> {
  const calls: Call[] = [];
  let lie: { matches: (call: Call) => boolean; how: Mangle } | null = null;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const call = { method: request.method ?? 'GET', url: request.url ?? '/', body: Buffer.concat(parts).toString() };
    calls.push(call);
    const truth = await asked(target, request, call);
    if (lie?.matches(call) === true) lie.how(truth, response, call);
    else response.writeHead(truth.status, { ...truth.headers }).end(truth.body);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    calls,
    mangle: (matches, how) => {
      lie = { matches, how };
    },
    heal: () => {
      lie = null;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Of one connection, not of the answer. */
const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding', 'host']);

async function asked(target: string, request: IncomingMessage, call: Call): Promise<TrueAnswer> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !HOP.has(name) && name !== 'accept-encoding' ? [[name, value]] : [],
    ),
  );
  const answer = await fetch(`${target}${call.url}`, {
    method: call.method,
    headers,
    ...(call.body === '' ? {} : { body: call.body }),
    redirect: 'manual',
  });
  return {
    status: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => !HOP.has(name))),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}
