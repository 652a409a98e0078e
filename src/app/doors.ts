import { serve, type ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import { createApi, type ConnectionUseCases, type Readiness } from '../api/index.ts';
import { GantryError, type Random } from '../kernel/index.ts';
import { createMcpHttp, type CallerContext, type ToolDoor } from '../mcp/index.ts';
import type { Config } from './config.ts';
import type { EventSink } from './events.ts';
import { sameKey } from './same-key.ts';

export interface DoorDeps {
  readonly config: Config;
  readonly version: string;
  readonly door: ToolDoor;
  readonly findCaller: (bearer: string) => Promise<CallerContext | null>;
  readonly connections: ConnectionUseCases;
  readonly ready: () => Promise<Readiness>;
  readonly random: Random;
  readonly emit: EventSink;
}

export interface Doors {
  /** Where they really listen: the port may have been 0. */
  readonly url: string;
  close(): Promise<void>;
}

/** MCP at /mcp and REST at everything else, on one port. */
export async function openDoors(deps: DoorDeps): Promise<Doors> {
  const { config, version, door, random, emit } = deps;
  const publicHost = new URL(config.publicUrl).hostname;
  const allowedHosts = [publicHost, ...config.allowedHosts];
  const mcp = createMcpHttp({
    door,
    authenticate: deps.findCaller,
    random,
    version,
    allowedHosts,
    onError: (cause) => emit({ kind: 'protocol_error', cause }),
  });
  const api = createApi<CallerContext>({
    tools: door,
    authenticate: deps.findCaller,
    authenticateOperator: async (bearer) =>
      config.operatorKey !== null && sameKey(bearer, config.operatorKey) ? { name: 'operator' } : null,
    connections: deps.connections,
    ready: deps.ready,
    allowedHosts,
    random,
    version,
    onError: ({ requestId, path, code, cause }) => emit({ kind: 'request_failed', requestId, path, code, cause }),
  });
  api.all('/mcp', (context) => mcp.fetch(context.req.raw));
  const server = await listen(api.fetch, config);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${config.host}:${String(port)}`,
    close: async () => {
      await mcp.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        // Keep-alive connections would hold the server open for their whole idle time.
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

function portError(error: Error, { host, port }: Config): Error {
  const code = 'code' in error ? error.code : null;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  return new GantryError('config_invalid', {
    message: `${host}:${String(port)} is ${code === 'EADDRINUSE' ? 'in use by another program' : 'not open to this user'}.`,
    where: 'GANTRY_PORT',
    fix: 'Choose another port: --port N, or GANTRY_PORT.',
    cause: error,
  });
}

function listen(fetch: (request: Request) => Response | Promise<Response>, config: Config): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: config.host, port: config.port }, () => resolve(server));
    server.once('error', (error) => reject(portError(error, config)));
  });
}
