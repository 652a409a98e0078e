import type { Hono } from 'hono';
import { bearerOf, fromOf, GantryError } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody, startConnectBody, syncNowBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';
import { callTool } from './tool-routes.ts';

/** Connecting systems (operators), and seeing them (operators and agents). */
export function addConnectionRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { connections, authenticateOperator } = options;

  app.get('/v1/connections', async (context) => {
    const bearer = bearerOf(context.req.raw);
    const operator = bearer === null ? null : await authenticateOperator(bearer, fromOf(context.req.raw));
    if (operator === null) {
      const session = await requireKey(context.req.raw, options.authenticate, 'agent');
      return callTool(options, session, { tool: 'list_connections', args: context.req.query() });
    }
    const tenant = context.req.query('tenant');
    if (tenant === undefined || tenant === '') {
      throw new GantryError('bad_request', { message: 'Say whose connections: `?tenant=`.', where: 'tenant' });
    }
    const list = await connections.list(operator, { tenant });
    return jsonResponse({ connections: list }, 200, context.get('requestId'));
  });

  app.post('/v1/connections', async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const { login_url, method, values, ...rest } = readBody(startConnectBody, await readJson(context.req.raw));
    const request = { ...rest, ...(login_url === undefined ? {} : { loginUrl: login_url }) };
    if (method !== undefined) {
      const { connection, system, accountName } = await connections.signIn(operator, {
        ...request,
        method,
        values: values ?? {},
      });
      return jsonResponse({ connection, system, account: accountName }, 201, context.get('requestId'));
    }
    if (values !== undefined) {
      throw new GantryError('bad_request', { message: 'Values were given, but no way in.', where: 'method' });
    }
    const started = await connections.startConnect(operator, request);
    const body = {
      connection: started.connection,
      authorize_url: started.authorizeUrl,
      expires_at: started.expiresAt.toISOString(),
    };
    return jsonResponse(body, 201, context.get('requestId'));
  });

  app.get('/v1/integrations/:integration/sign-in', async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const { system, browser, methods } = await connections.signInMethods(operator, {
      integration: context.req.param('integration'),
    });
    const shown = methods.map(({ name, title, fields }) => ({
      name,
      title,
      fields: fields.map((field) => ({
        name: field.name,
        title: field.title,
        secret: field.secret,
        optional: field.optional,
      })),
    }));
    return jsonResponse({ system, browser, methods: shown }, 200, context.get('requestId'));
  });

  app.post('/v1/connections/:slug/sync', async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const request = readBody(syncNowBody, await readJson(context.req.raw));
    const { accept_deletions: accepted, ...rest } = request;
    const accept = accepted === true ? { acceptDeletions: true } : {};
    const connection = context.req.param('slug');
    const queued = await connections.syncNow(operator, { ...rest, ...accept, connection });
    return jsonResponse(queued, 202, context.get('requestId'));
  });
}
