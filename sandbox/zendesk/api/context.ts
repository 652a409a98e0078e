import type { Grant, SandboxRequest, SandboxResponse, TokenStore } from '../../kit/index.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';

/** One authenticated call of the API. */
export interface Call {
  readonly account: Account;
  readonly request: SandboxRequest;
  readonly tokens: TokenStore;
  readonly grant: Grant;
  readonly viewer: Viewer;
  /** Parts of the path that the route captured. */
  readonly params: readonly string[];
}

export type Endpoint = (call: Call) => SandboxResponse | Promise<SandboxResponse>;

export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Matches the path after `/api/v2/`, without `.json`. */
  readonly pattern: RegExp;
  readonly handle: Endpoint;
  /** `<resource>:read` or `:write` is enough; `read` or `write` always is. */
  readonly resource?: string;
  /** Any good token will do. */
  readonly anyScope?: boolean;
  readonly adminsOnly?: boolean;
  /** End users may call it, too. */
  readonly forEndUsers?: boolean;
  readonly incremental?: boolean;
}

/** A whole number from the query; the fallback if absent, null if it is none. */
export function wholeNumber(query: URLSearchParams, name: string, fallback: number): number | null {
  const text = query.get(name);
  if (text === null) return fallback;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
