import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { requestHead, tokensIn, type Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';

export interface TunnelDeps {
  readonly target: { readonly host: string; readonly port: number };
  /** Where this line is: answers that say where the provider is say this instead. */
  readonly own: { readonly host: string; readonly port: number };
  /** Asked once per request: what happens to it. */
  readonly draw: (request: { readonly method: string; readonly path: string }) => Fault | null;
  readonly onExchange: (exchange: Exchange) => void;
  readonly onToken: (token: string) => void;
}

/** One connection between Gantry and a provider. */
export interface Tunnel {
  /**
   * No more faults: what hangs is cut, what is only late arrives now. To cut it would be one more fault: the answer
   * that it holds back may have the one token that a provider gives. True where something was cut.
   */
  calm(): boolean;
}

/** Nothing more comes, or not in anybody's lifetime, and nobody says so. */
const HANGING: ReadonlySet<Fault['kind']> = new Set(['half_open', 'blackhole', 'slow_drip', 'wrong_length']);

/** Carries one connection's bytes both ways; each request may meet a fault of its own. */
export function openTunnel(client: Socket, deps: TunnelDeps): Tunnel {
  const upstream = connect({ ...deps.target });
  let fault: Fault | null = null;
  let sent = 0;
  let begun = false;
  let drip: Promise<void> = Promise.resolve();
  let late: { readonly bytes: Buffer; readonly timer: NodeJS.Timeout }[] = [];
  const end = (): void => {
    client.destroy();
    upstream.destroy();
  };
  const give = (bytes: Buffer): void => {
    if (!client.destroyed) client.write(bytes);
  };

  const giveLate = (): void => {
    const [first, ...others] = late;
    late = others;
    if (first !== undefined) give(first.bytes);
  };

  const onRequest = (chunk: Buffer): void => {
    const head = requestHead(chunk);
    if (head !== null) {
      fault = deps.draw(head);
      sent = 0;
      begun = false;
      const limitedUntil =
        fault?.kind === 'limited' && fault.retryAfterS !== null ? Date.now() + fault.retryAfterS * 1_000 : null;
      const bearer = createHash('sha256').update(head.token).digest('hex').slice(0, 12);
      deps.onExchange({
        at: Date.now(),
        method: head.method,
        path: head.path,
        fault: fault?.kind ?? null,
        limitedUntil,
        bearer,
      });
    }
    if (fault?.kind === 'blackhole') return;
    if (fault?.kind === 'limited') {
      if (head !== null) client.end(limitedAnswer(fault.retryAfterS));
      return;
    }
    upstream.write(chunk);
  };

  const onAnswer = (bytes: Buffer): void => {
    const chunk = renamed(bytes, deps);
    for (const token of tokensIn(chunk.toString('latin1'))) deps.onToken(token);
    const now = fault;
    switch (now?.kind) {
      case undefined:
        return give(chunk);
      case 'half_open':
      case 'blackhole':
      case 'limited':
        return;
      case 'latency':
        late.push({ bytes: chunk, timer: setTimeout(giveLate, now.ms).unref() });
        return;
      case 'slow_drip':
        drip = drip.then(() => dripped(chunk, now.everyMs, client));
        return;
      case 'wrong_length':
        give(begun ? chunk : withLength(chunk, now.by));
        begun = true;
        return;
      case 'reset':
      case 'truncated': {
        const left = Math.max(0, now.afterBytes - sent);
        sent += chunk.length;
        if (chunk.length <= left) return give(chunk);
        if (now.kind === 'truncated') client.end(chunk.subarray(0, left));
        else {
          give(chunk.subarray(0, left));
          client.resetAndDestroy();
        }
        upstream.destroy();
      }
    }
  };

  client.on('data', onRequest);
  upstream.on('data', onAnswer);
  client.on('error', end);
  upstream.on('error', end);
  client.on('close', end);
  upstream.on('close', () => {
    // With one of these, nobody on our side learns that the other end has gone.
    if (fault?.kind !== 'half_open' && fault?.kind !== 'blackhole' && fault?.kind !== 'slow_drip') client.end();
  });

  return {
    calm: () => {
      if (fault !== null && HANGING.has(fault.kind)) {
        client.resetAndDestroy();
        return true;
      }
      for (const { timer } of late) clearTimeout(timer);
      while (late.length > 0) giveLate();
      return false;
    },
  };
}

/** Salesforce tells with each token where its interface is: past the line, if nobody changed it. Lengths stay. */
function renamed(bytes: Buffer, { target, own }: Pick<TunnelDeps, 'target' | 'own'>): Buffer {
  const [from, to] = [target, own].map(({ host, port }) => Buffer.from(`http://${host}:${String(port)}`));
  if (from === undefined || to === undefined || from.length !== to.length || !bytes.includes(from)) return bytes;
  const changed = Buffer.from(bytes);
  for (let at = changed.indexOf(from); at !== -1; at = changed.indexOf(from, at + to.length)) to.copy(changed, at);
  return changed;
}

function limitedAnswer(retryAfterS: number | null): string {
  const body = '{"error":"too many requests"}';
  const wait = retryAfterS === null ? '' : `retry-after: ${String(retryAfterS)}\r\n`;
  return `HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n${wait}content-length: ${String(body.length)}\r\nconnection: close\r\n\r\n${body}`;
}

function withLength(chunk: Buffer, by: number): Buffer {
  const text = chunk.toString('latin1');
  const changed = text.replace(
    /\r\ncontent-length: (\d+)/i,
    (_all, length: string) => `\r\ncontent-length: ${String(Math.max(0, Number(length) + by))}`,
  );
  return Buffer.from(changed, 'latin1');
}

async function dripped(chunk: Buffer, everyMs: number, client: Socket): Promise<void> {
  for (const byte of chunk) {
    if (client.destroyed) return;
    client.write(Buffer.of(byte));
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs).unref();
    });
  }
}
