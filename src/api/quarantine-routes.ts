import type { Context, Hono } from 'hono';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';
import { quarantineQuery, replayQuarantineBody } from './sync-requests.ts';

/** Values that do not fit their field's type. The values themselves are told only to those who ask for them. */
export function addQuarantineRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { authenticateOperator } = options;
  const { quarantine } = options.sync;
  const operatorOf = ({ req }: Context<ApiEnv>) => requireKey(req.raw, authenticateOperator, 'operator');

  app.get('/v1/quarantine', async (context) => {
    const operator = await operatorOf(context);
    const query = readBody(quarantineQuery, context.req.query());
    const { connection = null, object = null, field = null, values, ...rest } = query;
    const request = { ...rest, connection, object, field };
    const body =
      values === 'true'
        ? { values: await quarantine.values(operator, request) }
        : { groups: await quarantine.groups(operator, request) };
    return jsonResponse(body, 200, context.get('requestId'));
  });

  app.post('/v1/quarantine/replay', async (context) => {
    const operator = await operatorOf(context);
    const {
      object = null,
      note = null,
      by = null,
      ...rest
    } = readBody(replayQuarantineBody, await readJson(context.req.raw));
    const done = await quarantine.replay(operator, { ...rest, object, note, by });
    return jsonResponse(done, 200, context.get('requestId'));
  });
}
