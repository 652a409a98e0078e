import type { Hono } from 'hono';
import * as z from 'zod';
import { limits } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody, tenantQuery } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

const slug = z.string().min(1).max(100);

export const newAgentKeyBody = z.strictObject({
  tenant: slug,
  agent: slug,
  label: z.string().trim().max(limits.noteCharsMax).exactOptional(),
  expires_in_days: z.number().int().min(1).max(3_650).exactOptional(),
});

export const rotateAgentKeyBody = z.strictObject({
  tenant: slug,
  overlap_hours: z.number().min(0).max(limits.keyOverlapMaxHours).exactOptional(),
});

/** Agents' keys: each is shown once, when it is made. For operators. */
export function addAgentKeyRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { identity, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.get('/v1/agent-keys', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const keys = await identity.agentKeys.list(operator, { tenant });
    return jsonResponse({ keys }, 200, context.get('requestId'));
  });

  app.post('/v1/agent-keys', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(newAgentKeyBody, await readJson(context.req.raw));
    const { tenant, agent, label = '', expires_in_days: expiresInDays = null } = body;
    const made = await identity.agentKeys.create(operator, { tenant, agent, label, expiresInDays });
    return jsonResponse(made, 201, context.get('requestId'));
  });

  app.post('/v1/agent-keys/:id/rotate', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(rotateAgentKeyBody, await readJson(context.req.raw));
    const { tenant, overlap_hours: overlapHours = limits.keyOverlapDefaultHours } = body;
    const made = await identity.agentKeys.rotate(operator, { tenant, id: context.req.param('id'), overlapHours });
    return jsonResponse(made, 201, context.get('requestId'));
  });

  app.delete('/v1/agent-keys/:id', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const ended = await identity.agentKeys.end(operator, { tenant, id: context.req.param('id') });
    return jsonResponse(ended, 200, context.get('requestId'));
  });
}
