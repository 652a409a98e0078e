import type { Hono } from 'hono';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody, tenantQuery, userSignInBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

/** Users' own sign-ins beside a connection's. For operators; no answer repeats what was entered. */
export function addUserRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { users, authenticateOperator } = options;
  const base = '/v1/connections/:slug/users';

  app.get(base, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const { tenant } = readBody(tenantQuery, context.req.query());
    const list = await users.list(operator, { tenant, connection: context.req.param('slug') });
    return jsonResponse({ users: list }, 200, context.get('requestId'));
  });

  app.post(`${base}/:user`, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const { login_url, ...body } = readBody(userSignInBody, await readJson(context.req.raw));
    const { slug: connection, user } = context.req.param();
    const done = await users.signIn(operator, {
      ...body,
      ...(login_url === undefined ? {} : { loginUrl: login_url }),
      connection,
      user,
    });
    return jsonResponse(done, 201, context.get('requestId'));
  });

  app.delete(`${base}/:user`, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const { tenant } = readBody(tenantQuery, context.req.query());
    const { slug: connection, user } = context.req.param();
    await users.signOut(operator, { tenant, connection, user });
    return jsonResponse({ connection, user, state: 'signed_out' }, 200, context.get('requestId'));
  });
}
