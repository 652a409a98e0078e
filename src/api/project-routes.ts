import type { Hono } from 'hono';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { overlayBody, readBody, revisionsQuery } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

/** What is in force: the revisions of the project, and the overlay of each tenant. For operators. */
export function addProjectRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { project, authenticateOperator } = options;
  const overlayPath = '/v1/tenants/:tenant/overlay';

  app.get('/v1/revisions', async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const revisions = await project.revisions(operator, readBody(revisionsQuery, context.req.query()));
    return jsonResponse({ revisions }, 200, context.get('requestId'));
  });

  app.get(overlayPath, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const shown = await project.showOverlay(operator, { tenant: context.req.param('tenant') });
    return jsonResponse(shown, 200, context.get('requestId'));
  });

  app.put(overlayPath, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const { yaml } = readBody(overlayBody, await readJson(context.req.raw));
    const kept = await project.setOverlay(operator, { tenant: context.req.param('tenant'), yaml });
    return jsonResponse(kept, 200, context.get('requestId'));
  });

  app.delete(overlayPath, async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const removed = await project.removeOverlay(operator, { tenant: context.req.param('tenant') });
    return jsonResponse(removed, 200, context.get('requestId'));
  });
}
