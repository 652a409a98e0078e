import type { Hono } from 'hono';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { connectTokenBody, deleteQuery, lifeBody, readBody, tenantQuery } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

const acts = ['pause', 'resume', 'revoke'] as const;

/** The life of connections after they were made, and links to the connect page, for operators. */
export function addLifeRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { connectionLife, connectTokens, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.get('/v1/connections/:slug', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const shown = await connectionLife.show(operator, { tenant, connection: context.req.param('slug') });
    return jsonResponse(shown, 200, context.get('requestId'));
  });

  for (const act of acts) {
    app.post(`/v1/connections/:slug/${act}`, async (context) => {
      const operator = await operatorOf(context.req.raw);
      const { tenant, note = null, by = null } = readBody(lifeBody, await readJson(context.req.raw));
      const request = { tenant, note, by, connection: context.req.param('slug') };
      return jsonResponse(await connectionLife[act](operator, request), 200, context.get('requestId'));
    });
  }

  app.delete('/v1/connections/:slug', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant, note = null, by = null } = readBody(deleteQuery, context.req.query());
    const request = { tenant, note, by, connection: context.req.param('slug') };
    return jsonResponse(await connectionLife.remove(operator, request), 202, context.get('requestId'));
  });

  app.get('/v1/deleted-connections', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const connections = await connectionLife.deleted(operator, { tenant });
    return jsonResponse({ connections }, 200, context.get('requestId'));
  });

  app.post('/v1/connect-tokens', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(connectTokenBody, await readJson(context.req.raw));
    const named = body.integration === undefined ? [] : [body.integration];
    const link = await connectTokens.create(operator, {
      tenant: body.tenant,
      integrations: [...named, ...(body.integrations ?? [])],
      connection: body.connection ?? null,
      returnUrl: body.return_url ?? null,
      expiresInS: body.expires_in_s,
      by: body.by ?? null,
    });
    const answer = { token: link.token, url: link.url, expires_at: link.expiresAt.toISOString() };
    return jsonResponse(answer, 201, context.get('requestId'));
  });

  app.get('/v1/connect-tokens', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const tokens = await connectTokens.list(operator, { tenant });
    return jsonResponse({ connect_tokens: tokens }, 200, context.get('requestId'));
  });

  app.delete('/v1/connect-tokens/:id', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant } = readBody(tenantQuery, context.req.query());
    const revoked = await connectTokens.revoke(operator, { tenant, id: context.req.param('id') });
    return jsonResponse(revoked, 200, context.get('requestId'));
  });
}
