import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import {
  GantryError,
  newRequestId,
  toGantryError,
  type Challenge,
  type ErrorCode,
  type Random,
  type RequestFrom,
} from '../kernel/index.ts';
import type { ConnectPageUseCases, ConnectTokenUseCases } from './connect-ports.ts';
import type { AlertUseCases } from './alert-ports.ts';
import { addAlertRoutes } from './alert-routes.ts';
import type { ApprovalPageUseCases, ApprovalUseCases } from './approval-ports.ts';
import { addApprovalPageRoutes } from './approval-page-routes.ts';
import { addApprovalRoutes } from './approval-routes.ts';
import type { AuditUseCases, ChecklistUseCases, SwitchUseCases } from './audit-ports.ts';
import { addAuditRoutes } from './audit-routes.ts';
import { addBudgetRoutes } from './budget-routes.ts';
import { addCallbackRoute } from './callback-route.ts';
import { addConnectRoutes } from './connect-routes.ts';
import type { ConsoleUseCases } from './console-ports.ts';
import { addConsoleRoutes } from './console-routes.ts';
import { takeConsoleSession } from './console-session.ts';
import { addConnectionRoutes } from './connection-routes.ts';
import { addDeadRoutes } from './dead-routes.ts';
import type { ErasureUseCases, OffboardingUseCases } from './erasure-ports.ts';
import { addErasureRoutes } from './erasure-routes.ts';
import { addLensRoutes } from './lens-routes.ts';
import { addLifeRoutes } from './life-routes.ts';
import { openapiDocument } from './openapi.ts';
import type {
  BudgetUseCases,
  ConnectionLifeUseCases,
  ConnectionUseCases,
  LensUseCases,
  Operator,
  ProjectUseCases,
  Readiness,
  RestTools,
  UserSignInUseCases,
  VaultUseCases,
} from './ports.ts';
import { addPrincipalRoutes } from './principal-routes.ts';
import { addProjectRoutes } from './project-routes.ts';
import { addQuarantineRoutes } from './quarantine-routes.ts';
import { refuseNulInUrl } from './read-json.ts';
import { errorResponse, type ApiEnv } from './respond.ts';
import type { EventUseCases, SubscriptionUseCases } from './subscription-ports.ts';
import type { SignInPageUseCases } from './sign-in-ports.ts';
import { addSignInRoutes } from './sign-in-routes.ts';
import { addSubscriptionRoutes } from './subscription-routes.ts';
import type { SyncUseCases } from './sync-ports.ts';
import { addSyncRoutes } from './sync-routes.ts';
import { addToolRoutes } from './tool-routes.ts';
import { addUserRoutes } from './user-routes.ts';
import { addVaultRoutes } from './vault-routes.ts';
import { addChallenge } from './add-challenge.ts';
import { enforceRole } from './enforce-roles.ts';
import type { IdentityUseCases, PrincipalUseCases } from './identity-ports.ts';
import { addIdentityRoutes } from './identity-routes.ts';
import { addWritePlanRoutes } from './write-plan-routes.ts';
import type { WritePlanUseCases } from './write-plan-ports.ts';
import { addWebhookRoutes, type MakeWebhook, type TakeDelivery } from './webhook-routes.ts';

export interface ApiOptions<Session> {
  readonly tools: RestTools<Session>;
  /** Finds the agent behind a bearer key or token; null where it is unknown, expired or revoked. Raises the identity family's errors. */
  readonly authenticate: (bearer: string, from: RequestFrom) => Promise<Session | null>;
  /** Finds the operator behind a bearer key or token; agents' keys are not operators' keys. */
  readonly authenticateOperator: (bearer: string, from: RequestFrom) => Promise<Operator | null>;
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
  readonly users: UserSignInUseCases;
  readonly vault: VaultUseCases;
  readonly writePlans: WritePlanUseCases;
  readonly erasures: ErasureUseCases;
  readonly offboardings: OffboardingUseCases;
  readonly identity: IdentityUseCases;
  /** Absent: people sign in elsewhere, or not at all. */
  readonly signIn?: SignInPageUseCases;
  readonly principals: PrincipalUseCases;
  readonly takeDelivery: TakeDelivery;
  readonly makeWebhook: MakeWebhook;
  readonly ready: () => Promise<Readiness>;
  /** The `WWW-Authenticate` of refusals: where to sign in, and for what. */
  readonly challenge?: Challenge;
  /** Host names, without ports, under which this server may be called beside the loopback names. */
  readonly allowedHosts: readonly string[];
  readonly random: Random;
  readonly version: string;
  /** Told of every refused or failed request that no tool reported itself. */
  readonly onError?: (event: ApiErrorEvent) => void;
}

export interface ApiErrorEvent {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly code: ErrorCode;
  readonly status: number;
  /** What was thrown inside, for the log only; null where the caller was at fault. */
  readonly cause: unknown;
}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** A web page whose name was pointed at this machine must get nothing, as at the MCP door. */
function refuseOtherHosts(host: string | undefined, allowed: ReadonlySet<string>): void {
  if (host !== undefined && allowed.has(host.toLowerCase().replace(/:\d+$/, ''))) return;
  throw new GantryError('host_refused', {
    message: 'The Host header names a place that this server does not serve.',
    where: 'Host',
  });
}

/** Whether the process runs, and whether it can serve. */
function addHealthRoutes<Session>(app: Hono<ApiEnv>, { ready }: Pick<ApiOptions<Session>, 'ready'>): void {
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    const readiness = await ready();
    return context.json(readiness, readiness.ready ? 200 : 503);
  });
}

/** The REST door: the agents' tools, connecting systems, health. One hono app, to be mounted at the root. */
export function createApi<Session>(options: ApiOptions<Session>): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const openapi = openapiDocument(options.tools.all, options.version);
  app.use(async (context, next) => {
    context.set('requestId', newRequestId(options.random));
    await next();
    // What the authorization server answered itself is out already.
    if (context.res !== RESPONSE_ALREADY_SENT) context.header('x-content-type-options', 'nosniff');
  });
  const hosts = new Set([...LOOPBACK_HOSTS, ...options.allowedHosts]);
  app.use('/v1/*', async (context, next) => {
    await next();
    if (options.challenge !== undefined) await addChallenge(context, options.challenge);
  });
  app.use('/v1/*', async (context, next) => {
    refuseOtherHosts(context.req.header('host'), hosts);
    refuseNulInUrl(context.req.url);
    await takeConsoleSession(context, options.console);
    await enforceRole(context, options.authenticateOperator);
    await next();
  });
  for (const path of ['/connect', '/connect/*', '/console', '/console/*']) {
    app.use(path, async (context, next) => {
      refuseOtherHosts(context.req.header('host'), hosts);
      await next();
    });
  }
  addHealthRoutes(app, options);
  app.get('/v1/openapi.json', (context) => context.json(openapi));
  addToolRoutes(app, options);
  addWritePlanRoutes(app, options);
  addConnectionRoutes(app, options);
  addLifeRoutes(app, options);
  addSyncRoutes(app, options);
  addDeadRoutes(app, options);
  addQuarantineRoutes(app, options);
  addConnectRoutes(app, options);
  addCallbackRoute(app, options);
  addProjectRoutes(app, options);
  addLensRoutes(app, options);
  addBudgetRoutes(app, options);
  addAlertRoutes(app, options);
  addApprovalRoutes(app, options);
  addAuditRoutes(app, options);
  addConsoleRoutes(app, options);
  addSubscriptionRoutes(app, options);
  addUserRoutes(app, options);
  addVaultRoutes(app, options);
  addErasureRoutes(app, options);
  addWebhookRoutes(app, options);
  addIdentityRoutes(app, options);
  const { signIn, approvalPage } = options;
  const told = options.onError === undefined ? {} : { onError: options.onError };
  const checkHost = (host: string | undefined): void => refuseOtherHosts(host, hosts);
  if (signIn !== undefined) addSignInRoutes(app, { signIn, checkHost, ...told });
  addApprovalPageRoutes(app, { approvalPage, checkHost, ...told });
  addPrincipalRoutes(app, options);
  app.notFound((context) => {
    const error = new GantryError('not_found', {
      message: 'There is no such endpoint.',
      where: `${context.req.method} ${context.req.path.slice(0, 200)}`,
      fix: 'GET /v1/openapi.json lists the endpoints.',
    });
    return errorResponse(error, context.get('requestId'));
  });
  app.onError((thrown, context) => {
    const error = toGantryError(thrown);
    const requestId = context.get('requestId');
    options.onError?.({
      requestId,
      method: context.req.method,
      path: context.req.path,
      code: error.code,
      status: error.status,
      cause: error.status >= 500 ? (error.cause ?? error) : null,
    });
    return errorResponse(error, requestId);
  });
  return app;
}
