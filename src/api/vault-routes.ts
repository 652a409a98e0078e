import type { Hono } from 'hono';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody, rotateVaultBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

/** Keys under which secrets are sealed: how they stand, and exchanging them. For operators. */
export function addVaultRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { vault, authenticateOperator } = options;

  app.get('/v1/vault', async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    return jsonResponse(await vault.status(operator), 200, context.get('requestId'));
  });

  app.post('/v1/vault/rotate', async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const { data_keys: dataKeys, after } = readBody(rotateVaultBody, await readJson(context.req.raw));
    const done = await vault.rotate(operator, { dataKeys, after: after ?? null });
    return jsonResponse(done, 200, context.get('requestId'));
  });
}
