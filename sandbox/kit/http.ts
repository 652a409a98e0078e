import type { IncomingHttpHeaders } from 'node:http';

export interface SandboxRequest {
  readonly method: string;
  /** Decoded path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Raw body, at most `bodyBytesMax` of the server. */
  readonly body: string;
  /** Values of the `:name` segments of the route that matched. */
  readonly params: Readonly<Record<string, string>>;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
}

/**
 * One thing that a call did in the provider, or that went out from there. What
 * a call asked for has no `cause`: those effects are to be counted against what
 * somebody meant to write.
 */
export interface Effect {
  /** `send`: something left the provider, such as a mail; then `id` says to whom. */
  readonly op: 'create' | 'update' | 'delete' | 'undelete' | 'schema' | 'send';
  readonly object: string;
  readonly id: string;
  /** Values that the write gave to fields, in the spelling of the API. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Who did it, where that is not the caller of the ledger's entry. */
  readonly user?: string;
  /** What the client sent to know its write again: a key, an external or own id, the number of a request. */
  readonly marker?: string;
  /** The automation of the customer that did it because of something else. */
  readonly cause?: string;
}

export interface SandboxResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Who made the call, for the ledger. */
  readonly user?: string;
  readonly effects?: readonly Effect[];
}

export type Handler = (request: SandboxRequest) => SandboxResponse | Promise<SandboxResponse>;

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify(value),
  };
}

export function html(status: number, body: string): SandboxResponse {
  return { status, headers: { 'content-type': 'text/html;charset=UTF-8', 'cache-control': 'no-store' }, body };
}

export function redirect(location: string): SandboxResponse {
  return { status: 302, headers: { location, 'cache-control': 'no-store' }, body: '' };
}

/** Fields of a `application/x-www-form-urlencoded` or JSON object body; null when it is neither. */
export function bodyFields(request: SandboxRequest): ReadonlyMap<string, string> | null {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return new Map(new URLSearchParams(request.body));
  if (type !== 'application/json') return null;
  const parsed = parseJson(request.body);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  return new Map(
    Object.entries(parsed).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** The parsed text, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function bearerToken(request: SandboxRequest): string | null {
  const match = /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
