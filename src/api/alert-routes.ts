import type { Hono } from 'hono';
import * as z from 'zod';
import { GantryError, limits } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

const slug = z.string().min(1).max(100);

const alertsQuery = z.strictObject({
  tenant: slug.exactOptional(),
  /** Those that are over as well. */
  resolved: z.enum(['true', 'false']).default('false'),
  limit: z.coerce.number().int().min(1).max(limits.alertsListedMax).default(200),
});

export const acknowledgeBody = z.strictObject({
  /** Absent: an alert of the installation. */
  tenant: slug.exactOptional(),
  note: z.string().trim().min(1).max(limits.noteCharsMax).exactOptional(),
  /** Who does it, where several people use one operator key. */
  by: slug.exactOptional(),
});

/** Alerts and the routes by which people are told, for operators. */
export function addAlertRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { alerts, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.get('/v1/alerts', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { resolved, ...query } = readBody(alertsQuery, context.req.query());
    const list = await alerts.list(operator, { ...query, resolved: resolved === 'true' });
    return jsonResponse({ alerts: list }, 200, context.get('requestId'));
  });

  app.post('/v1/alerts/:id/acknowledge', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { note = null, by = null, ...body } = readBody(acknowledgeBody, await readJson(context.req.raw));
    const id = numberOf(context.req.param('id'));
    const alert = await alerts.acknowledge(operator, { ...body, id, note, by });
    return jsonResponse(alert, 200, context.get('requestId'));
  });

  app.get('/v1/alert-routes', async (context) => {
    const operator = await operatorOf(context.req.raw);
    return jsonResponse({ routes: await alerts.routes(operator) }, 200, context.get('requestId'));
  });

  app.post('/v1/alert-routes/:route/test', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const sent = await alerts.test(operator, { route: context.req.param('route') });
    return jsonResponse(sent, 200, context.get('requestId'));
  });
}

function numberOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new GantryError('not_found', { message: 'There is no such alert.', where: 'id' });
}
