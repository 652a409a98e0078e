import {
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server';
import {
  bearerOf,
  bearerRefused,
  fromOf,
  GantryError,
  newRequestId,
  plainChallenge,
  toGantryError,
  type Challenge,
  type ErrorCode,
  type Random,
  type RequestFrom,
} from '../../kernel/index.ts';
import type { CallerContext } from '../tools/tool.ts';
import { errorBody } from '../tools/tool-door.ts';
import { refuseMissingScopes } from './step-up.ts';

/**
 * Finds the caller behind a bearer key or token; null where it is unknown, expired or revoked. Raises the identity
 * family's errors. Implemented by src/app.
 */
export type Authenticate = (bearer: string, from: RequestFrom) => Promise<CallerContext | null>;

/** An admitted request's sender. */
export interface McpSender {
  readonly bearer: string;
  /** Absent: this process itself. */
  readonly from?: RequestFrom;
  readonly context: CallerContext;
}

/** What answers requests once they are admitted. */
export interface McpProtocol {
  fetch(request: Request, sender: McpSender): Promise<Response>;
  /** Ends what is in flight. */
  close(): Promise<void>;
}

export interface McpEndpointOptions {
  readonly protocol: McpProtocol;
  readonly authenticate: Authenticate;
  readonly random: Random;
  /** Host names, without ports, under which this server may be called beside the loopback names. */
  readonly allowedHosts: readonly string[];
  /** The `WWW-Authenticate` of a refusal; absent: a plain one (RFC 6750). */
  readonly challenge?: Challenge;
  /** Told of every request that did not reach the protocol. */
  readonly onRefused?: (event: McpRefusal) => void;
}

export interface McpRefusal {
  readonly requestId: string;
  readonly code: ErrorCode;
  /** What was thrown inside, for the log only; null where the caller was at fault. */
  readonly cause: unknown;
}

export interface McpHttp {
  /** Serves one Streamable HTTP request of either protocol generation. */
  fetch(request: Request): Promise<Response>;
  /** Ends what is in flight. */
  close(): Promise<void>;
}

/**
 * Who comes in: Host and Origin are checked first (a web page that rebinds its
 * DNS name to this machine must get nothing), then the key, then the protocol.
 */
export function createMcpEndpoint(options: McpEndpointOptions): McpHttp {
  const { protocol } = options;
  const hosts = [...localhostAllowedHostnames(), ...options.allowedHosts];
  const origins = [...localhostAllowedOrigins(), ...options.allowedHosts];
  const admit = async (request: Request): Promise<McpSender> => {
    if (!validateHostHeader(request.headers.get('host'), hosts).ok) throw hostRefused('Host');
    if (!validateOriginHeader(request.headers.get('origin'), origins).ok) throw hostRefused('Origin');
    const bearer = bearerOf(request);
    if (bearer === null) throw noCaller(bearer);
    const from = fromOf(request);
    const context = await options.authenticate(bearer, from);
    if (context === null) throw noCaller(bearer);
    await refuseMissingScopes(request, context);
    return { bearer, from, context };
  };
  return {
    async fetch(request) {
      let sender: McpSender;
      try {
        sender = await admit(request);
      } catch (thrown) {
        return refusal(request, toGantryError(thrown), options);
      }
      const response = await protocol.fetch(request, sender);
      // The rest of the body is not read, so the connection cannot be used again; a client must not try.
      if (response.status === 413) response.headers.set('connection', 'close');
      return response;
    },
    close: () => protocol.close(),
  };
}

function refusal(request: Request, error: GantryError, options: McpEndpointOptions): Response {
  const requestId = newRequestId(options.random);
  options.onRefused?.({ requestId, code: error.code, cause: error.status >= 500 ? (error.cause ?? error) : null });
  const headers: Record<string, string> = { 'cache-control': 'no-store', 'x-request-id': requestId };
  const body = errorBody(error, requestId);
  const challenge = (options.challenge ?? plainChallenge)(body, error.status, bearerOf(request) !== null);
  if (challenge !== null) headers['www-authenticate'] = challenge;
  return Response.json(body, { status: error.status, headers });
}

function noCaller(bearer: string | null): GantryError {
  if (bearer !== null) return bearerRefused(bearer, 'The key is unknown, expired or revoked.');
  return new GantryError('unauthenticated', {
    message: 'This endpoint needs a bearer key.',
    where: 'Authorization',
  });
}

function hostRefused(header: 'Host' | 'Origin'): GantryError {
  return new GantryError('host_refused', {
    message: `The ${header} header names a place that this server does not serve.`,
    where: header,
  });
}
