import type { Hono } from 'hono';
import { roles } from '../identity/index.ts';
import { limits, principalIn } from '../kernel/index.ts';
import * as z from 'zod';
import { addAgentKeyRoutes } from './agent-key-routes.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody, tenantQuery } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

const slug = z.string().min(1).max(100);
const person = z.string().trim().min(1).max(200);

export const newOperatorBody = z.strictObject({
  name: z.string().regex(/^[\w.@+-]{1,100}$/, 'must be a name such as ada or ada@example.com'),
  role: z.enum(roles),
  expires_in_days: z.number().int().min(1).max(3_650).exactOptional(),
});

export const agentActBody = z.strictObject({
  note: z.string().trim().min(1).max(limits.noteCharsMax).exactOptional(),
  by: slug.exactOptional(),
});

/** `sign_in`: of the address from which the user was sent to the product's page, its parameter of that name. */
export const signInLinkBody = z.strictObject({
  tenant: slug,
  principal: person,
  sign_in: z
    .string()
    .regex(/^[\w-]{10,64}$/)
    .exactOptional(),
});

/** `agent`: only tokens that this agent uses in the user's name. */
export const signOutBody = z.strictObject({ tenant: slug, agent: slug.exactOptional() });

/** Without a password one is made. */
export const localUserBody = z.strictObject({
  tenant: slug,
  name: person,
  password: z.string().min(limits.passwordCharsMin).max(limits.passwordCharsMax).exactOptional(),
});

/** Operators, agents, and users' sign-ins. For operators. */
export function addIdentityRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { identity, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.get('/v1/operators', async (context) => {
    const operator = await operatorOf(context.req.raw);
    return jsonResponse({ operators: await identity.operators.list(operator) }, 200, context.get('requestId'));
  });

  app.post('/v1/operators', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { expires_in_days: expiresInDays = null, ...body } = readBody(
      newOperatorBody,
      await readJson(context.req.raw),
    );
    const made = await identity.operators.add(operator, { ...body, expiresInDays });
    return jsonResponse(made, 201, context.get('requestId'));
  });

  app.delete('/v1/operators/:name', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const removed = await identity.operators.remove(operator, { name: context.req.param('name') });
    return jsonResponse(removed, 200, context.get('requestId'));
  });

  app.post('/v1/operators/:name/sign-out', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const done = await identity.operators.signOut(operator, { name: context.req.param('name') });
    return jsonResponse(done, 200, context.get('requestId'));
  });

  app.get('/v1/agents', async (context) => {
    const operator = await operatorOf(context.req.raw);
    return jsonResponse({ agents: await identity.agents.list(operator) }, 200, context.get('requestId'));
  });

  for (const act of ['suspend', 'resume'] as const) {
    app.post(`/v1/agents/:agent/${act}`, async (context) => {
      const operator = await operatorOf(context.req.raw);
      const { note = null, by = null } = readBody(agentActBody, await readJson(context.req.raw));
      const done = await identity.agents[act](operator, { agent: context.req.param('agent'), note, by });
      return jsonResponse(done, 200, context.get('requestId'));
    });
  }
  addUserRoutesOf(app, options);
  addAgentKeyRoutes(app, options);
}

function addUserRoutesOf<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { identity, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.post('/v1/sign-in-links', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant, principal, sign_in: signIn = null } = readBody(signInLinkBody, await readJson(context.req.raw));
    const link = { tenant, principal: principalIn(principal), signIn };
    const { url, expiresAt } = await identity.signIns.create(operator, link);
    return jsonResponse({ url, expires_at: expiresAt.toISOString() }, 201, context.get('requestId'));
  });

  app.post('/v1/principals/:principal/sign-out', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant, agent = null } = readBody(signOutBody, await readJson(context.req.raw));
    const principal = principalIn(context.req.param('principal'));
    const done = await identity.signIns.signOut(operator, { tenant, principal, agent });
    return jsonResponse(done, 200, context.get('requestId'));
  });

  app.get('/v1/local-users', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const users = await identity.localUsers.list(operator, { tenant });
    return jsonResponse({ users }, 200, context.get('requestId'));
  });

  app.post('/v1/local-users', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant, name, password = null } = readBody(localUserBody, await readJson(context.req.raw));
    const user = await identity.localUsers.set(operator, { tenant, name: principalIn(name), password });
    return jsonResponse(user, 201, context.get('requestId'));
  });

  app.delete('/v1/local-users/:name', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const removed = await identity.localUsers.remove(operator, { tenant, name: context.req.param('name') });
    return jsonResponse(removed, 200, context.get('requestId'));
  });
}
