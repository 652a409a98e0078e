import type { Hono } from 'hono';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

/** The local copy of one tenant: how it is, building it anew, keeping a copy of it. For operators. */
export function addLensRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { lens, authenticateOperator } = options;
  const path = '/v1/tenants/:tenant/lens';

  app.get(path, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const status = await lens.status(operator, { tenant: context.req.param('tenant') });
    return jsonResponse(status, 200, context.get('requestId'));
  });

  app.post(`${path}/rebuild`, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const status = await lens.rebuild(operator, { tenant: context.req.param('tenant') });
    return jsonResponse(status, 200, context.get('requestId'));
  });

  app.post(`${path}/snapshot`, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const taken = await lens.snapshot(operator, { tenant: context.req.param('tenant') });
    return jsonResponse(taken, 200, context.get('requestId'));
  });
}
