import type { Hono } from 'hono';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

/** What is left of the calls that providers allow. For operators. */
export function addBudgetRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { budgets, authenticateOperator } = options;

  app.get('/v1/budgets', async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const tenant = context.req.query('tenant');
    const list = await budgets.list(operator, tenant === undefined ? {} : { tenant });
    return jsonResponse({ budgets: list }, 200, context.get('requestId'));
  });
}
