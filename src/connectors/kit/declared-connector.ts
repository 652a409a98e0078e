import type { Clock, Random } from '../../kernel/index.ts';
import type { Connector, ConnectorSession, ProviderAccess } from '../contract.ts';
import type { Declaration } from './declaration.ts';
import { declaredSession } from './declared-session.ts';
import { httpClient, type HttpClient } from './http-client.ts';
import { oauthFlow } from './oauth-flow.ts';

export interface ConnectorDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Total time for one upstream call with its retries, ms; `limits.requestTimeoutMs` by default. */
  readonly deadlineMs?: number;
  /** Largest answer that is read, bytes; `limits.responseBytesMax` by default. */
  readonly responseBytesMax?: number;
  /** Ends calls under way when the process stops. */
  readonly signal?: AbortSignal;
}

/** What every session is made of. */
export interface SessionContext {
  readonly declaration: Declaration;
  readonly http: HttpClient;
  readonly access: ProviderAccess;
  readonly clock: Clock;
  /** By object: how many records the next page asks for, where pages had to be made smaller. */
  readonly pageSizes: Map<string, number>;
}

/** The parts of a session that a provider does in its own TypeScript. */
export type SessionOverrides = (context: SessionContext) => Partial<ConnectorSession>;

/** A connector from its declaration; `overrides` replace what the declaration cannot say. */
export function declaredConnector(
  declaration: Declaration,
  deps: ConnectorDeps,
  overrides: SessionOverrides = () => ({}),
): Connector {
  const dialect = {
    title: declaration.title,
    headers: declaration.headers,
    errors: declaration.errors,
    waitHeaders: declaration.rate_limits.wait,
    resetHeaders: declaration.rate_limits.reset,
  };
  return {
    provider: declaration.connector,
    title: declaration.title,
    oauth: oauthFlow(declaration),
    credentials: [],
    open(access) {
      const http = httpClient(access, dialect, deps);
      const context = { declaration, http, access, clock: deps.clock, pageSizes: new Map<string, number>() };
      return { ...declaredSession(context), ...overrides(context) };
    },
  };
}
