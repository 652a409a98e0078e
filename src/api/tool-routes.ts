import type { Hono } from 'hono';
import type { Json } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readArguments } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';
import { toolRoutes } from './routes.ts';

/** Every tool at POST /v1/tools/{name}, the common ones also at an address of their own. */
export function addToolRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { tools, authenticate } = options;
  for (const { tool, path } of toolRoutes) {
    app.post(path, async (context) => {
      const session = await requireKey(context.req.raw, authenticate, 'agent');
      return callTool(options, session, { tool, args: await readArguments(context.req.raw) });
    });
  }
  app.get('/v1/tools', async (context) => {
    const session = await requireKey(context.req.raw, authenticate, 'agent');
    return jsonResponse({ tools: tools.list(session) }, 200, context.get('requestId'));
  });
  app.post('/v1/tools/:name', async (context) => {
    const session = await requireKey(context.req.raw, authenticate, 'agent');
    return callTool(options, session, {
      tool: context.req.param('name'),
      args: await readArguments(context.req.raw),
    });
  });
}

/** The answer as it is; an error under its own status. The request id is the tool call's, as the log has it. */
export async function callTool<Session>(
  options: ApiOptions<Session>,
  session: Session,
  call: { readonly tool: string; readonly args: Json; readonly idempotencyKey?: string },
): Promise<Response> {
  const { tool, args, ...more } = call;
  const outcome = await options.tools.call(session, tool, args, more);
  return outcome.kind === 'answer'
    ? jsonResponse(outcome.answer, 200, outcome.requestId)
    : jsonResponse(outcome.error, outcome.status, outcome.requestId);
}
