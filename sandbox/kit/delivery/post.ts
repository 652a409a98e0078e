import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Outcome, OutgoingRequest } from './message.ts';

/** Connections kept open to one receiver. */
const SOCKETS_MAX = 64;

export interface Poster {
  post(to: string, request: OutgoingRequest, timeoutMs: number): Promise<Outcome>;
  close(): void;
}

/** Posts over kept connections, to addresses of this machine alone: a sandbox never calls anybody else. */
export function createPoster(): Poster {
  const options = { keepAlive: true, maxSockets: SOCKETS_MAX };
  const [http, https] = [new HttpAgent(options), new HttpsAgent(options)];
  return {
    post: (to, request, timeoutMs) => {
      const url = URL.canParse(to) ? new URL(to) : null;
      if (url === null || !isLoopback(url)) return Promise.resolve({ kind: 'failed', reason: 'not_loopback' });
      return once(url, request, timeoutMs, { http, https });
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

function isLoopback({ protocol, hostname }: URL): boolean {
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** A kept connection that the receiver had closed meanwhile is no answer: then, as HTTP clients do, on another. */
function once(url: URL, request: OutgoingRequest, timeoutMs: number, agents: Agents): Promise<Outcome> {
  const { headers, body } = request;
  return new Promise((resolve) => {
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    };
    const onAnswer = (answer: IncomingMessage): void => {
      clearTimeout(timer);
      answer.resume();
      answer.on('error', () => undefined);
      resolve({ kind: 'answered', status: answer.statusCode ?? 0, retryAfterS: seconds(answer) });
    };
    const outgoing =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, agent: agents.https }, onAnswer)
        : httpRequest(url, { ...options, agent: agents.http }, onAnswer);
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      resolve({ kind: 'failed', reason: 'timeout' });
      outgoing.destroy();
    }, timeoutMs);
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const stale = !over && outgoing.reusedSocket && error.code === 'ECONNRESET';
      resolve(stale ? once(url, request, timeoutMs, agents) : { kind: 'failed', reason: 'unreachable' });
    });
    outgoing.end(body);
  });
}

/** `Retry-After` in seconds; dates are not read. */
function seconds(answer: IncomingMessage): number | null {
  const text = answer.headers['retry-after'];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
