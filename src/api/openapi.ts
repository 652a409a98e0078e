import * as z from 'zod';
import { errorTable, type JsonObject } from '../kernel/index.ts';
import { alertPaths } from './alert-paths.ts';
import { acknowledgeBody } from './alert-routes.ts';
import { approvalPaths, delegationPaths } from './approval-paths.ts';
import { approvalDecisionBody, breakGlassBody, delegationBody } from './approval-routes.ts';
import { auditPaths } from './audit-paths.ts';
import { liftSwitchBody, switchBody } from './audit-requests.ts';
import { budgetPaths } from './budget-paths.ts';
import { consolePaths } from './console-paths.ts';
import { consoleSignInBody } from './console-routes.ts';
import { deadPaths } from './dead-paths.ts';
import { erasurePaths } from './erasure-paths.ts';
import { erasureBody, liftBody, offboardingBody } from './erasure-routes.ts';
import { identityPaths } from './identity-paths.ts';
import { lensPaths } from './lens-paths.ts';
import {
  connectTokenBody,
  lifeBody,
  overlayBody,
  startConnectBody,
  syncNowBody,
  rotateVaultBody,
  webhookPlaceBody,
  userSignInBody,
} from './operator-requests.ts';
import type { RestTool } from './ports.ts';
import { lifePaths } from './life-paths.ts';
import { projectPaths } from './project-paths.ts';
import { quarantinePaths } from './quarantine-paths.ts';
import { subscriptionPaths } from './subscription-paths.ts';
import { newSubscriptionBody, replayBody } from './subscription-routes.ts';
import { toolRoutes } from './routes.ts';
import { syncPaths } from './sync-paths.ts';
import {
  backfillBody,
  dropEventsBody,
  heldActBody,
  objectActBody,
  replayEventsBody,
  replayLettersBody,
  replayQuarantineBody,
} from './sync-requests.ts';
import { userPaths } from './user-paths.ts';
import { vaultPaths } from './vault-paths.ts';
import { webhookPaths } from './webhook-paths.ts';
import { writePlanPaths } from './write-plan-paths.ts';
import { settleWriteBody, takeBackBody, undoBody, withdrawPlanBody } from './write-plan-routes.ts';

/** OpenAPI 3.1, whose schemas are JSON Schema 2020-12: the same ones that check the calls. */
export function openapiDocument(tools: readonly RestTool[], version: string): JsonObject {
  const toolPaths = tools.flatMap((tool) => toolEntries(tool));
  return {
    openapi: '3.1.0',
    info: { title: 'Gantry', version, description: 'Questions of agents, connections of operators.' },
    security: [{ agentKey: [] }],
    paths: {
      ...Object.fromEntries(toolPaths),
      ...operatorPaths(),
      ...lifePaths({
        security: [{ operatorKey: [] }],
        body,
        responses,
        life: schemaOf(lifeBody),
        connectToken: schemaOf(connectTokenBody),
      }),
      ...syncDoorPaths(),
      ...projectPaths({ security: [{ operatorKey: [] }], body, responses, overlay: schemaOf(overlayBody) }),
      ...userPaths({ security: [{ operatorKey: [] }], body, responses, signIn: schemaOf(userSignInBody) }),
      ...writePlanPaths({
        security: [{ operatorKey: [] }],
        body,
        responses,
        prepare: inputOf(tools, 'prepare_write'),
        operation: inputOf(tools, 'run_operation'),
        withdraw: schemaOf(withdrawPlanBody),
        settle: schemaOf(settleWriteBody),
        takeBack: schemaOf(takeBackBody),
        undo: schemaOf(undoBody),
      }),
      ...vaultPaths({ security: [{ operatorKey: [] }], body, responses, rotate: schemaOf(rotateVaultBody) }),
      ...webhookPaths({ security: [{ operatorKey: [] }], body, responses, webhook: schemaOf(webhookPlaceBody) }),
      ...erasurePaths({
        security: [{ operatorKey: [] }],
        body,
        responses,
        erase: schemaOf(erasureBody),
        lift: schemaOf(liftBody),
        offboard: schemaOf(offboardingBody),
      }),
      ...lensPaths({ security: [{ operatorKey: [] }], responses }),
      ...budgetPaths({ security: [{ operatorKey: [] }], responses }),
      ...consoleDoorPaths(),
      ...approvalPaths({
        security: [{ operatorKey: [] }],
        body,
        responses,
        decision: schemaOf(approvalDecisionBody),
        glass: schemaOf(breakGlassBody),
      }),
      ...delegationPaths({ security: [{ operatorKey: [] }], body, responses, delegation: schemaOf(delegationBody) }),
      ...alertPaths({ security: [{ operatorKey: [] }], body, responses, acknowledge: schemaOf(acknowledgeBody) }),
      ...auditPaths({
        security: [{ operatorKey: [] }],
        body,
        responses,
        throwSwitch: schemaOf(switchBody),
        lift: schemaOf(liftSwitchBody),
      }),
      ...subscriptionPaths({
        security: [{ operatorKey: [] }],
        body,
        responses,
        create: schemaOf(newSubscriptionBody),
        replay: schemaOf(replayBody),
      }),
      ...identityPaths({ security: [{ operatorKey: [] }], body, responses, schemaOf }),
      ...openPaths(),
    },
    components: {
      securitySchemes: {
        agentKey: { type: 'http', scheme: 'bearer', description: 'Key of an agent, or an access token (OAuth 2.1).' },
        operatorKey: { type: 'http', scheme: 'bearer', description: 'Key of an operator, whose role decides.' },
      },
      schemas: { Error: errorSchema() },
    },
  };
}

const inputOf = (tools: readonly RestTool[], tool: string): JsonObject =>
  tools.find(({ name }) => name === tool)?.inputSchema ?? { type: 'object' };

function toolEntries(tool: RestTool): [string, JsonObject][] {
  const entry = (operationId: string): JsonObject => ({
    post: {
      operationId,
      summary: tool.title,
      description: tool.description,
      requestBody: body(tool.inputSchema),
      responses: responses('200', 'The answer.', tool.outputSchema ?? { type: 'object' }),
    },
  });
  const generic: [string, JsonObject] = [`/v1/tools/${tool.name}`, entry(`tool_${tool.name}`)];
  const own = toolRoutes.find((route) => route.tool === tool.name);
  return own === undefined ? [generic] : [[own.path, entry(tool.name)], generic];
}

function operatorPaths(): { readonly [path: string]: JsonObject } {
  const security = [{ operatorKey: [] }];
  const plain = { type: 'object' };
  return {
    '/v1/connections': {
      get: {
        operationId: 'list_connections',
        summary: 'Connections with health and freshness: of `tenant` for operators, their own for agents',
        security: [{ operatorKey: [] }, { agentKey: [] }],
        parameters: [
          { name: 'tenant', in: 'query', schema: { type: 'string' } },
          { name: 'system', in: 'query', schema: { type: 'string' } },
        ],
        responses: responses('200', 'The connections.', plain),
      },
      post: {
        operationId: 'start_connect',
        summary: 'Connect a system: the end user opens `authorize_url`, or `method` and `values` sign in at once',
        security,
        requestBody: body(schemaOf(startConnectBody)),
        responses: responses('201', 'Where to send the end user, or whose account is connected now.', plain),
      },
    },
    '/v1/integrations/{integration}/sign-in': {
      get: {
        operationId: 'list_sign_in_methods',
        summary: "The ways in that the integration's provider has, with what each asks for",
        security,
        parameters: [{ name: 'integration', in: 'path', required: true, schema: { type: 'string' } }],
        responses: responses('200', 'The ways in.', plain),
      },
    },
    '/v1/connections/{connection}/sync': {
      post: {
        operationId: 'sync_now',
        summary: 'Queue a sync run now, or carry out deletions that are held',
        security,
        parameters: [{ name: 'connection', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: body(schemaOf(syncNowBody)),
        responses: responses('202', 'Queued.', plain),
      },
    },
  };
}

const consoleDoorPaths = (): { readonly [path: string]: JsonObject } =>
  consolePaths({ security: [{ operatorKey: [] }], body, responses, signIn: schemaOf(consoleSignInBody) });

function syncDoorPaths(): { readonly [path: string]: JsonObject } {
  const parts = { security: [{ operatorKey: [] }], body, responses };
  return {
    ...syncPaths({
      ...parts,
      objectAct: schemaOf(objectActBody),
      backfill: schemaOf(backfillBody),
      heldAct: schemaOf(heldActBody),
    }),
    ...deadPaths({
      ...parts,
      replayLetters: schemaOf(replayLettersBody),
      replayEvents: schemaOf(replayEventsBody),
      dropEvents: schemaOf(dropEventsBody),
    }),
    ...quarantinePaths({ ...parts, replay: schemaOf(replayQuarantineBody) }),
  };
}

function openPaths(): { readonly [path: string]: JsonObject } {
  return {
    '/v1/tools': {
      get: {
        operationId: 'list_tools',
        summary: "The tools that the agent's grant names, with their schemas",
        responses: responses('200', 'The tools.', { type: 'object' }),
      },
    },
    '/healthz': openPath('healthz', 'The process runs', ['200']),
    '/readyz': openPath('readyz', 'The process can serve', ['200', '503']),
  };
}

function openPath(operationId: string, summary: string, statuses: readonly string[]): JsonObject {
  const answers = statuses.map((status) => [status, { description: status === '200' ? 'Yes.' : 'Not yet.' }]);
  return { get: { operationId, summary, security: [], responses: Object.fromEntries(answers) as JsonObject } };
}

const body = (schema: JsonObject): JsonObject => ({ required: true, content: { 'application/json': { schema } } });

function responses(status: string, description: string, schema: JsonObject): JsonObject {
  return {
    [status]: { description, content: { 'application/json': { schema } } },
    default: {
      description: 'What went wrong, whether a retry helps, and who can put it right.',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    },
  };
}

function errorSchema(): JsonObject {
  const text = { type: 'string' };
  return {
    type: 'object',
    required: ['code', 'message', 'fix', 'retryable', 'who_can_fix', 'request_id'],
    properties: {
      code: { type: 'string', enum: Object.keys(errorTable) },
      message: text,
      where: text,
      fix: text,
      retryable: { type: 'boolean' },
      retry_at: { type: 'string', format: 'date-time' },
      who_can_fix: text,
      suggestions: { type: 'array', items: text },
      allowed: { type: 'array' },
      data: { type: 'object' },
      request_id: text,
    },
  };
}

function schemaOf(shape: z.ZodObject): JsonObject {
  const { $schema: _draft, ...schema } = z.toJSONSchema(shape, { target: 'draft-2020-12', io: 'input' });
  return JSON.parse(JSON.stringify(schema)) as JsonObject;
}
