import { serve, type HttpBindings, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import {
  addMetadataRoutes,
  createApi,
  type AlertUseCases,
  type ApprovalPageUseCases,
  type ApprovalUseCases,
  type AuditUseCases,
  type ChecklistUseCases,
  type SwitchUseCases,
  type BudgetUseCases,
  type ErasureUseCases,
  type EventUseCases,
  type SubscriptionUseCases,
  type ConnectPageUseCases,
  type ConnectTokenUseCases,
  type ConnectionLifeUseCases,
  type ConnectionUseCases,
  type ConsoleUseCases,
  type IdentityUseCases,
  type LensUseCases,
  type MakeWebhook,
  type OffboardingUseCases,
  type Operator,
  type ProjectUseCases,
  type SyncUseCases,
  type PrincipalUseCases,
  type Readiness,
  type SignInPageUseCases,
  type TakeDelivery,
  type UserSignInUseCases,
  type VaultUseCases,
  type WritePlanUseCases,
} from '../api/index.ts';
import { challengeFor, clientAddress, resourceMetadata, type ResourceFacts } from '../identity/index.ts';
import { GantryError, limits, noteAddress, type Random, type RequestFrom } from '../kernel/index.ts';
import { createMcpHttp, type CallerContext, type FollowEvents, type ToolDoor } from '../mcp/index.ts';
import type { Config } from './config.ts';
import type { EventSink } from './events.ts';
import type { LensPlace } from './lens/lens-place.ts';
import { peerRoutes } from './lens/peer-routes.ts';

export interface DoorDeps {
  readonly config: Config;
  readonly version: string;
  readonly door: ToolDoor;
  readonly findCaller: (bearer: string, from: RequestFrom) => Promise<CallerContext | null>;
  readonly findOperator: (bearer: string) => Promise<Operator | null>;
  readonly identity: IdentityUseCases;
  readonly principals: PrincipalUseCases;
  /** Our own authorization server; null: it is off. */
  readonly signIn: SignInPageUseCases | null;
  readonly connections: ConnectionUseCases;
  readonly connectionLife: ConnectionLifeUseCases;
  readonly sync: SyncUseCases;
  readonly connectTokens: ConnectTokenUseCases;
  readonly connectPage: ConnectPageUseCases;
  readonly project: ProjectUseCases;
  readonly lens: LensUseCases;
  readonly budgets: BudgetUseCases;
  readonly alerts: AlertUseCases;
  readonly approvals: ApprovalUseCases;
  readonly approvalPage: ApprovalPageUseCases;
  readonly audit: AuditUseCases;
  readonly console: ConsoleUseCases;
  readonly checklist: ChecklistUseCases;
  readonly switches: SwitchUseCases;
  readonly subscriptions: SubscriptionUseCases;
  readonly events: EventUseCases;
  readonly followEvents: FollowEvents;
  readonly users: UserSignInUseCases;
  readonly vault: VaultUseCases;
  readonly writePlans: WritePlanUseCases;
  readonly erasures: ErasureUseCases;
  readonly offboardings: OffboardingUseCases;
  readonly takeDelivery: TakeDelivery;
  readonly makeWebhook: MakeWebhook;
  readonly ready: () => Promise<Readiness>;
  readonly random: Random;
  readonly emit: EventSink;
  /** Who issues tokens for us, and for what. */
  readonly resource: ResourceFacts;
  /** Other processes of the same system ask here. */
  readonly peers: LensPlace['peers'];
  /** False: agents and operators are served elsewhere. */
  readonly agents: boolean;
}

export interface Doors {
  /** Where they really listen: the port may have been 0. */
  readonly url: string;
  close(): Promise<void>;
}

/** On one port: MCP at /mcp, REST, and the way in for other processes. */
export async function openDoors(deps: DoorDeps): Promise<Doors> {
  const { app, close } = deps.agents ? agentDoors(deps) : { app: peerDoorOnly(deps), close: async () => undefined };
  const server = await listen(withAddresses(app, deps.config), deps.config);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${deps.config.host}:${String(port)}`,
    close: async () => {
      await close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        // Keep-alive connections would hold the server open for their whole idle time.
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

interface App {
  readonly fetch: (request: Request, env?: HttpBindings) => Response | Promise<Response>;
}

/** Whom each request is from, as the socket and the proxies of ours say. */
function withAddresses(app: App, { identity }: Config): App['fetch'] {
  const proxies = identity?.trustedProxies ?? [];
  return (request, env) => {
    const socket = env?.incoming.socket.remoteAddress ?? '';
    noteAddress(request, clientAddress(socket, request.headers.get('x-forwarded-for'), proxies));
    return app.fetch(request, env);
  };
}

function agentDoors(deps: DoorDeps): { readonly app: App; readonly close: () => Promise<void> } {
  const { config, version, door, random, emit } = deps;
  const publicHost = new URL(config.publicUrl).hostname;
  const allowedHosts = [publicHost, ...config.allowedHosts];
  const mcp = createMcpHttp({
    door,
    followEvents: deps.followEvents,
    authenticate: deps.findCaller,
    challenge: challengeFor(deps.resource, '/mcp'),
    random,
    version,
    allowedHosts,
    onError: (cause) => emit({ kind: 'protocol_error', cause }),
  });
  const api = createApi<CallerContext>({
    challenge: challengeFor(deps.resource, ''),
    tools: door,
    authenticate: deps.findCaller,
    authenticateOperator: deps.findOperator,
    identity: deps.identity,
    principals: deps.principals,
    ...(deps.signIn === null ? {} : { signIn: deps.signIn }),
    connections: deps.connections,
    connectionLife: deps.connectionLife,
    sync: deps.sync,
    connectTokens: deps.connectTokens,
    connectPage: deps.connectPage,
    project: deps.project,
    lens: deps.lens,
    budgets: deps.budgets,
    alerts: deps.alerts,
    approvals: deps.approvals,
    approvalPage: deps.approvalPage,
    audit: deps.audit,
    console: deps.console,
    checklist: deps.checklist,
    switches: deps.switches,
    subscriptions: deps.subscriptions,
    events: deps.events,
    users: deps.users,
    vault: deps.vault,
    writePlans: deps.writePlans,
    erasures: deps.erasures,
    offboardings: deps.offboardings,
    takeDelivery: deps.takeDelivery,
    makeWebhook: deps.makeWebhook,
    ready: deps.ready,
    allowedHosts,
    random,
    version,
    onError: ({ requestId, path, code, cause }) => emit({ kind: 'request_failed', requestId, path, code, cause }),
  });
  api.all('/mcp', (context) => mcp.fetch(context.req.raw));
  addMetadataRoutes(api, {
    resource: (path) => (deps.resource.issuers.length === 0 ? null : resourceMetadata(deps.resource, path)),
  });
  if (deps.peers !== null) api.route('/', peerRoutes(deps.peers));
  return { app: api, close: () => mcp.close() };
}

/** Of a process that holds lens files and nothing else. */
function peerDoorOnly({ peers, ready }: DoorDeps): App {
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    const readiness = await ready();
    return context.json(readiness, readiness.ready ? 200 : 503);
  });
  if (peers !== null) app.route('/', peerRoutes(peers));
  return app;
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

function listen(answer: App['fetch'], config: Config): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const serverOptions = {
      keepAliveTimeout: limits.connectionIdleMs,
      requestTimeout: limits.requestReceiveMs,
      connectionsCheckingInterval: limits.requestReceiveMs / 2,
    };
    const server = serve(
      {
        fetch: (request, env) => answer(request, env as HttpBindings),
        hostname: config.host,
        port: config.port,
        serverOptions,
      },
      () => resolve(server),
    );
    server.once('error', (error) => reject(portError(error, config)));
  });
}
