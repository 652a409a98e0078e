import type { Clock, Random } from '../../kernel/index.ts';
import type { Connector, ConnectorSession, CredentialMethod, ProviderAccess } from '../contract.ts';
import { carryOf } from './auth-carry.ts';
import { declaredMethods } from './auth-methods.ts';
import type { Declaration } from './declaration.ts';
import { declaredSession } from './declared-session.ts';
import { intentsOf } from './intent-declaration.ts';
import { httpClient, type HttpClient, type HttpDialect } from './http-client.ts';
import { oauthFlow } from './oauth-flow.ts';
import { limitDialectOf, rateLimitsOf } from './rate-limits.ts';
import { usablePermissions } from './usable-permissions.ts';
import { usableObject, usableSummaries } from './usable-schema.ts';

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

/** A connector from its declaration; `overrides` replace what the declaration cannot say, `credentials` are ways in beside those that it declares. */
export function declaredConnector(
  declaration: Declaration,
  deps: ConnectorDeps,
  overrides: SessionOverrides = () => ({}),
  credentials: readonly CredentialMethod[] = [],
): Connector {
  const { title, auth } = declaration;
  const contextOf = sessionContexts(declaration, deps);
  return {
    provider: declaration.connector,
    title,
    oauth: auth === undefined ? null : oauthFlow({ title, auth }),
    credentials: [...declaredMethods(declaration.credentials, { title, clock: deps.clock }), ...credentials],
    rateLimits: rateLimitsOf(declaration.rate_limits),
    intents: intentsOf(declaration.intents),
    ...(declaration.new_fields === undefined ? {} : { newFields: declaration.new_fields }),
    open(access) {
      const sessionOf = (context: SessionContext): ConnectorSession => ({
        ...declaredSession(context),
        ...overrides(context),
      });
      const session = sessionOf(contextOf(access));
      if (access.purpose !== 'interactive') return guardedSession(title, session);
      // Answers about the account and its objects may serve twice; records are always asked for anew.
      const asked = sessionOf(contextOf({ ...access, purpose: 'background' }));
      return guardedSession(title, { ...asked, ...aboutAccount(session) });
    },
  };
}

/** What a session tells beside records. */
function aboutAccount(session: ConnectorSession): Partial<ConnectorSession> {
  const { identify, listObjects, describeObject, countRecords, grantsHash } = session;
  return {
    identify,
    listObjects,
    describeObject,
    countRecords,
    ...(grantsHash === undefined ? {} : { grantsHash }),
  };
}

/** What sessions over the declared provider are made of; for what goes on outside a session, too. */
export function sessionContexts(
  declaration: Declaration,
  deps: ConnectorDeps,
): (access: ProviderAccess) => SessionContext {
  const dialect = { ...httpDialect(declaration), carry: carryOf(declaration.credentials, deps) };
  return (access) => ({
    declaration,
    http: httpClient(access, dialect, deps),
    access,
    clock: deps.clock,
    pageSizes: new Map<string, number>(),
  });
}

/** Nothing of what a provider says of its own objects is taken for more than it can be. */
function guardedSession(title: string, session: ConnectorSession): ConnectorSession {
  const { permissions } = session;
  return {
    ...session,
    ...(permissions === undefined ? {} : { permissions: usablePermissions(permissions) }),
    listObjects: async () => usableSummaries(await session.listObjects()),
    describeObject: async (name) => usableObject(title, await session.describeObject(name)),
    countRecords: async (object) => {
      const count = await session.countRecords(object);
      return Number.isSafeInteger(count) && Number(count) >= 0 ? count : null;
    },
  };
}

/** How a declaration's provider spells errors and waits, for calls outside a session. */
export function httpDialect({ title, headers, errors, rate_limits: limited }: Declaration): HttpDialect {
  return {
    title,
    headers,
    errors,
    waitHeaders: limited.wait,
    resetHeaders: limited.reset,
    limits: limitDialectOf(limited),
  };
}
