import type { Hono } from 'hono';
import * as z from 'zod';
import { limits } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody } from './operator-requests.ts';
import { readArguments, readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';
import { callTool } from './tool-routes.ts';

const reason = z.string().trim().min(1).max(limits.planReasonCharsMax);

const listQuery = z.strictObject({
  agent: z.string().min(1).max(100).exactOptional(),
  state: z.string().min(1).max(40).exactOptional(),
  limit: z.coerce.number().int().min(1).max(limits.plansListedMax).default(50),
});

const deadQuery = z.strictObject({
  /** Of plans that were accepted in so many days. */
  days: z.coerce.number().int().min(1).max(366).default(31),
  limit: z.coerce.number().int().min(1).max(limits.deadWritesListedMax).default(100),
});

const showQuery = z.strictObject({ from: z.coerce.number().int().min(0).default(0) });

export const withdrawPlanBody = z.strictObject({ reason: reason.exactOptional() });

/** A person's word: it stands there, it does not, or it shall be sent once more. */
export const settleWriteBody = z.strictObject({
  word: z.enum(['applied', 'not_applied', 'send_again']),
  record: z.string().min(1).max(200).exactOptional(),
  reason: reason.exactOptional(),
});

/** A person's word on a step that could not be taken back. */
export const takeBackBody = z.strictObject({
  word: z.enum(['again', 'leave', 'leave_all']),
  reason: reason.exactOptional(),
});

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** Of a plan, or of one write of it; or of a time, of one agent or of all. */
export const undoBody = z
  .strictObject({
    plan: z.string().min(1).max(100).exactOptional(),
    item: z.int().min(0).exactOptional(),
    agent: z.string().min(1).max(100).exactOptional(),
    since: moment.exactOptional(),
    until: moment.exactOptional(),
    conflicts: z.enum(['refuse', 'leave', 'overwrite']).default('leave'),
    dry_run: z.boolean().default(false),
    reason: reason.exactOptional(),
  })
  .refine(({ plan, since }) => (plan === undefined) !== (since === undefined), {
    error: 'names either a `plan` or a time by `since`',
  });

/** Plans of writes: for agents what the tools do, with larger bodies and keys; for operators all of a tenant's. */
export function addWritePlanRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  addAgentRoutes(app, options);
  const { writePlans, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');
  const base = '/v1/tenants/:tenant/write-plans';

  app.get(base, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { agent = null, state = null, limit } = readBody(listQuery, context.req.query());
    const plans = await writePlans.list(operator, { tenant: context.req.param('tenant'), agent, state, limit });
    return jsonResponse({ plans }, 200, context.get('requestId'));
  });

  app.get(`${base}/:plan`, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { from } = readBody(showQuery, context.req.query());
    const { tenant, plan } = context.req.param();
    return jsonResponse(await writePlans.show(operator, { tenant, plan, from }), 200, context.get('requestId'));
  });

  app.get('/v1/tenants/:tenant/dead-writes', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const asked = readBody(deadQuery, context.req.query());
    const writes = await writePlans.deadWrites(operator, { tenant: context.req.param('tenant'), ...asked });
    return jsonResponse({ dead_writes: writes }, 200, context.get('requestId'));
  });

  app.post(`${base}/:plan/commit`, async (context) => {
    const operator = await operatorOf(context.req.raw);
    return jsonResponse(await writePlans.commit(operator, context.req.param()), 200, context.get('requestId'));
  });

  app.post('/v1/tenants/:tenant/undo', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(undoBody, await readJson(context.req.raw));
    const { plan, item = null, agent = null, since, until = null, conflicts, dry_run: dryRun } = body;
    const scope =
      plan === undefined
        ? { kind: 'time' as const, agent, from: since ?? new Date(0), to: until }
        : { kind: 'plan' as const, plan, item };
    const about = { tenant: context.req.param('tenant'), scope, conflicts, dryRun, reason: body.reason ?? null };
    return jsonResponse({ undos: await writePlans.undo(operator, about) }, 200, context.get('requestId'));
  });

  app.post(`${base}/:plan/withdraw`, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(withdrawPlanBody, await readJson(context.req.raw));
    const { tenant, plan } = context.req.param();
    const done = await writePlans.withdraw(operator, { tenant, plan, reason: body.reason ?? null });
    return jsonResponse(done, 200, context.get('requestId'));
  });

  app.post(`${base}/:plan/writes/:item/settle`, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(settleWriteBody, await readJson(context.req.raw));
    const { tenant, plan, item } = context.req.param();
    const { word, record = null, reason: why = null } = body;
    const request = { tenant, plan, item: itemOf(item), word, record, reason: why };
    return jsonResponse(await writePlans.settle(operator, request), 200, context.get('requestId'));
  });

  app.post(`${base}/:plan/steps/:step/take-back`, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { word, reason: why = null } = readBody(takeBackBody, await readJson(context.req.raw));
    const { tenant, plan, step } = context.req.param();
    const request = { tenant, plan, step: itemOf(step), word, reason: why };
    return jsonResponse(await writePlans.takeBack(operator, request), 200, context.get('requestId'));
  });
}

/** One that no plan has is not there. */
const itemOf = (text: string): number => (/^\d{1,6}$/.test(text) ? Number(text) : Number.MAX_SAFE_INTEGER);

function addAgentRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { authenticate } = options;
  const sessionOf = (request: Request) => requireKey(request, authenticate, 'agent');

  for (const [path, tool] of [
    ['/v1/write-plans', 'prepare_write'],
    ['/v1/operations', 'run_operation'],
  ] as const) {
    app.post(path, async (context) => {
      const session = await sessionOf(context.req.raw);
      const args = await readArguments(context.req.raw, limits.planBodyBytesMax);
      const idempotencyKey = context.req.header('idempotency-key');
      const more = idempotencyKey === undefined ? {} : { idempotencyKey };
      return callTool(options, session, { tool, args, ...more });
    });
  }

  for (const [verb, tool] of [
    ['commit', 'commit_write'],
    ['undo', 'undo'],
  ] as const) {
    app.post(`/v1/write-plans/:plan/${verb}`, async (context) => {
      const session = await sessionOf(context.req.raw);
      return callTool(options, session, { tool, args: { plan_id: context.req.param('plan') } });
    });
  }

  app.get('/v1/write-plans/:plan', async (context) => {
    const session = await sessionOf(context.req.raw);
    return callTool(options, session, { tool: 'get_status', args: { plan_id: context.req.param('plan') } });
  });
}
