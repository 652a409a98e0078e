import type { Context, Hono } from 'hono';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody, tenantQuery } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';
import { backfillBody, heldActBody, objectActBody, ofConnectionQuery, ofObjectQuery } from './sync-requests.ts';

/** What is read of a connection and what comparisons found, with what operators do about it. */
export function addSyncRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { sync, authenticateOperator } = options;
  const operatorOf = ({ req }: Context<ApiEnv>) => requireKey(req.raw, authenticateOperator, 'operator');
  const object = '/v1/connections/:slug/objects/:object';

  for (const act of ['pause', 'resume'] as const) {
    app.post(`${object}/${act}`, async (context) => {
      const operator = await operatorOf(context);
      const { tenant, note = null, by = null } = readBody(objectActBody, await readJson(context.req.raw));
      const place = { connection: context.req.param('slug'), object: context.req.param('object') };
      const report = await sync.objects[act](operator, { tenant, note, by, ...place });
      return jsonResponse(report, 200, context.get('requestId'));
    });
  }

  app.post(`${object}/backfill`, async (context) => {
    const operator = await operatorOf(context);
    const { tenant, days = null, note = null, by = null } = readBody(backfillBody, await readJson(context.req.raw));
    const place = { connection: context.req.param('slug'), object: context.req.param('object') };
    const report = await sync.objects.backfill(operator, { tenant, days, note, by, ...place });
    return jsonResponse(report, 202, context.get('requestId'));
  });

  app.get('/v1/comparisons', async (context) => {
    const operator = await operatorOf(context);
    const { connection = null, object: named = null, ...rest } = readBody(ofObjectQuery, context.req.query());
    const comparisons = await sync.comparisons.list(operator, { ...rest, connection, object: named });
    return jsonResponse({ comparisons }, 200, context.get('requestId'));
  });

  app.get('/v1/held-deletions', async (context) => {
    const operator = await operatorOf(context);
    const held = await sync.comparisons.held(operator, readBody(tenantQuery, context.req.query()));
    return jsonResponse({ held_deletions: held }, 200, context.get('requestId'));
  });

  for (const act of ['accept', 'dismiss'] as const) {
    app.post(`/v1/held-deletions/${act}`, async (context) => {
      const operator = await operatorOf(context);
      const { note = null, by = null, ...place } = readBody(heldActBody, await readJson(context.req.raw));
      const done = await sync.comparisons[act](operator, { ...place, note, by });
      return jsonResponse(done, 200, context.get('requestId'));
    });
  }

  app.get('/v1/operator-acts', async (context) => {
    const operator = await operatorOf(context);
    const { connection = null, ...rest } = readBody(ofConnectionQuery, context.req.query());
    const acts = await sync.acts(operator, { ...rest, connection });
    return jsonResponse({ acts }, 200, context.get('requestId'));
  });
}
