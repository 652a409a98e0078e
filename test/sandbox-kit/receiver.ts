import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A webhook's receiver: answers 200 unless told otherwise, and remembers everything in the order of arrival. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** How to answer from now on. */
  answer(how: (response: ServerResponse, message: Received, count: number) => void): void;
  /** Waits until so many have come in all. */
  came(count: number): Promise<readonly Received[]>;
  forget(): void;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let wake: (() => void)[] = [];
  let how: Parameters<Receiver['answer']>[0] = (response) => response.end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const message = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(message);
      for (const each of wake) each();
      how(response, message, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received,
    answer: (given) => {
      how = given;
    },
    came: async (count) => {
      while (received.length < count)
        await new Promise<void>((resolve) => {
          wake.push(resolve);
        });
      wake = [];
      return received;
    },
    forget: () => {
      received.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The state of the sandbox's deliveries. */
export interface Summary {
  readonly paused: boolean;
  readonly states: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly open: number;
}

/** An attempt as the sandbox's ledger keeps it. */
export interface Attempt {
  readonly seq: number;
  readonly kind: string;
  readonly path: string;
  readonly status: number;
  readonly delivery: {
    readonly delivery: number;
    readonly source: string;
    readonly attempt: number;
    readonly about: { readonly op: string; readonly object: string; readonly id: string } | null;
    readonly outcome: { readonly kind: string; readonly reason?: string } | null;
    readonly fault: string | null;
    readonly state: string;
  };
}

interface Controlled {
  control<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
}

/** Waits until every message has ended. */
export async function settled(sandbox: Controlled): Promise<Summary> {
  const summary = await sandbox.control<Summary>('POST', 'webhooks/settle', { ms: 60_000 });
  if (summary.open > 0) throw new Error(`${String(summary.open)} messages have not ended`);
  return summary;
}

export async function attemptsOf(sandbox: Controlled, since = 0): Promise<readonly Attempt[]> {
  return (await sandbox.control<{ attempts: readonly Attempt[] }>('GET', `webhooks/attempts?since=${String(since)}`))
    .attempts;
}
