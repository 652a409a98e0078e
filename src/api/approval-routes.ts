import type { Hono } from 'hono';
import * as z from 'zod';
import { GantryError, limits } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

const slug = z.string().min(1).max(100);
const reason = z.string().trim().min(1).max(limits.approvalReasonCharsMax);
const moment = z.iso.datetime({ offset: true });

const listQuery = z.strictObject({
  tenant: slug.exactOptional(),
  /** What is decided as well. */
  decided: z.enum(['true', 'false']).default('false'),
  plan: slug.exactOptional(),
  limit: z.coerce.number().int().min(1).max(limits.approvalsListedMax).default(100),
});

const ofTenant = z.strictObject({ tenant: slug });

const pilotsQuery = z.strictObject({ tenant: slug, days: z.coerce.number().int().min(1).max(366).default(31) });

export const approvalDecisionBody = z.strictObject({
  tenant: slug,
  verdict: z.enum(['approve', 'deny', 'fine', 'object']),
  reason: reason.exactOptional(),
  /** `seen` of what was shown: a yes is to that and nothing else. */
  seen: z.string().min(1).max(200).exactOptional(),
});

export const breakGlassBody = z.strictObject({
  tenant: slug,
  plan: slug,
  reason,
  /** `seen` of what was shown; absent: whatever would be written. */
  seen: z.string().min(1).max(200).exactOptional(),
});

export const delegationBody = z.strictObject({
  /** Absent: one's own. */
  from: slug.exactOptional(),
  to: slug,
  since: moment.exactOptional(),
  until: moment,
});

/** What waits for people's decisions. */
export function addApprovalRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { approvals, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.get('/v1/approvals', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { decided, ...query } = readBody(listQuery, context.req.query());
    const list = await approvals.list(operator, { ...query, decided: decided === 'true' });
    return jsonResponse({ approvals: list }, 200, context.get('requestId'));
  });

  app.get('/v1/approvals/:id', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(ofTenant, context.req.query());
    const shown = await approvals.show(operator, { tenant, id: numberOf(context.req.param('id'), 'approval') });
    return jsonResponse(shown, 200, context.get('requestId'));
  });

  app.post('/v1/approvals/:id/decision', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(approvalDecisionBody, await readJson(context.req.raw));
    const id = numberOf(context.req.param('id'), 'approval');
    const said = { verdict: body.verdict, reason: body.reason ?? null, seen: body.seen ?? null };
    const decided = await approvals.decide(operator, { tenant: body.tenant, id, ...said });
    return jsonResponse(decided, 200, context.get('requestId'));
  });

  app.post('/v1/broken-glass', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { seen = null, ...act } = readBody(breakGlassBody, await readJson(context.req.raw));
    return jsonResponse(await approvals.breakGlass(operator, { ...act, seen }), 200, context.get('requestId'));
  });

  app.get('/v1/pilots', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const pilots = await approvals.pilots(operator, readBody(pilotsQuery, context.req.query()));
    return jsonResponse({ pilots }, 200, context.get('requestId'));
  });

  app.get('/v1/delegations', async (context) => {
    const operator = await operatorOf(context.req.raw);
    return jsonResponse({ delegations: await approvals.delegations(operator) }, 200, context.get('requestId'));
  });

  app.post('/v1/delegations', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { from = null, since, to, until } = readBody(delegationBody, await readJson(context.req.raw));
    const times = { since: since === undefined ? null : new Date(since), until: new Date(until) };
    const given = await approvals.delegate(operator, { from, to, ...times });
    return jsonResponse(given, 201, context.get('requestId'));
  });

  app.delete('/v1/delegations/:id', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const ended = await approvals.undelegate(operator, { id: numberOf(context.req.param('id'), 'delegation') });
    return jsonResponse(ended, 200, context.get('requestId'));
  });
}

function numberOf(text: string, what: 'approval' | 'delegation'): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const code = what === 'approval' ? 'approval_unknown' : 'delegation_unknown';
  throw new GantryError(code, { message: `There is no such ${what}.`, where: 'id' });
}
