import type { Hono } from 'hono';
import { GantryError } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { auditQuery, liftSwitchBody, switchBody, switchesQuery, verificationQuery } from './audit-requests.ts';
import { requireKey } from './authenticate.ts';
import { readBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

/** What happened, and stopping what happens: for operators. */
export function addAuditRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { audit, checklist, switches, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.get('/v1/audit', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { amount_from, amount_to, ...query } = readBody(auditQuery, context.req.query());
    const amounts = {
      ...(amount_from === undefined ? {} : { amountFrom: amount_from }),
      ...(amount_to === undefined ? {} : { amountTo: amount_to }),
    };
    return jsonResponse(await audit.search(operator, { ...query, ...amounts }), 200, context.get('requestId'));
  });

  app.get('/v1/audit/verification', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const request = readBody(verificationQuery, context.req.query());
    return jsonResponse(await audit.verify(operator, request), 200, context.get('requestId'));
  });

  app.get('/v1/checklist', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const request = readBody(verificationQuery, context.req.query());
    return jsonResponse(await checklist.run(operator, request), 200, context.get('requestId'));
  });

  app.get('/v1/switches', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const list = await switches.list(operator, readBody(switchesQuery, context.req.query()));
    return jsonResponse({ switches: list }, 200, context.get('requestId'));
  });

  app.post('/v1/switches', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { by = null, ...body } = readBody(switchBody, await readJson(context.req.raw));
    return jsonResponse(await switches.throw(operator, { ...body, by }), 201, context.get('requestId'));
  });

  app.post('/v1/switches/:id/lift', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { by = null, ...body } = readBody(liftSwitchBody, await readJson(context.req.raw));
    const id = numberOf(context.req.param('id'));
    return jsonResponse(await switches.lift(operator, { ...body, id, by }), 200, context.get('requestId'));
  });
}

function numberOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new GantryError('not_found', { message: `There is no switch "${text}".` });
}
