import type { Hono } from 'hono';
import * as z from 'zod';
import { GantryError, limits } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

const slug = z.string().min(1).max(100);
const name = z.string().min(1).max(500);
const note = z.string().trim().min(1).max(limits.noteCharsMax);

export const erasureBody = z.strictObject({
  email: z.string().trim().min(3).max(400).exactOptional(),
  users: z.array(name).max(limits.erasureNamedMax).default([]),
  records: z
    .array(z.strictObject({ connection: slug, object: name, id: name }))
    .max(limits.erasureNamedMax)
    .default([]),
  /** What else the person is named by in records of others. */
  texts: z.array(name).max(limits.erasureTextsMax).default([]),
  /** Empty the fields of others' records that name the person. */
  mentions: z.boolean().default(false),
  /** Only say what would go. */
  dry_run: z.boolean().default(false),
  note: note.exactOptional(),
  by: slug.exactOptional(),
});

export const liftBody = z.strictObject({ by: slug.exactOptional() });

export const offboardingBody = z.strictObject({
  tenant: slug,
  /** The tenant's name once more. */
  confirm: z.string().max(100),
  note: note.exactOptional(),
  by: slug.exactOptional(),
});

/** Erasing what is known of a person, and removing a tenant that leaves. For operators. */
export function addErasureRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { erasures, offboardings, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');
  const path = '/v1/tenants/:tenant/erasures';

  app.post(path, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(erasureBody, await readJson(context.req.raw));
    const request = {
      tenant: context.req.param('tenant'),
      email: body.email ?? null,
      users: body.users,
      records: body.records,
      texts: body.texts,
      mentions: body.mentions,
      note: body.note ?? null,
      by: body.by ?? null,
    };
    if (body.dry_run) return jsonResponse(await erasures.report(operator, request), 200, context.get('requestId'));
    return jsonResponse(await erasures.erase(operator, request), 202, context.get('requestId'));
  });

  app.get(path, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const list = await erasures.list(operator, { tenant: context.req.param('tenant') });
    return jsonResponse({ erasures: list }, 200, context.get('requestId'));
  });

  app.get(`${path}/:erasure`, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const of = { tenant: context.req.param('tenant'), erasure: numberIn(context.req.param('erasure'), 'erasure') };
    return jsonResponse(await erasures.show(operator, of), 200, context.get('requestId'));
  });

  app.post(`${path}/:erasure/lift`, async (context) => {
    const operator = await operatorOf(context.req.raw);
    const of = { tenant: context.req.param('tenant'), erasure: numberIn(context.req.param('erasure'), 'erasure') };
    const { by = null } = readBody(liftBody, await readJson(context.req.raw));
    return jsonResponse(await erasures.lift(operator, { ...of, by }), 200, context.get('requestId'));
  });

  app.post('/v1/offboardings', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { note: why = null, by = null, ...body } = readBody(offboardingBody, await readJson(context.req.raw));
    return jsonResponse(await offboardings.begin(operator, { ...body, note: why, by }), 202, context.get('requestId'));
  });

  app.get('/v1/offboardings', async (context) => {
    const operator = await operatorOf(context.req.raw);
    return jsonResponse({ offboardings: await offboardings.list(operator) }, 200, context.get('requestId'));
  });

  app.get('/v1/offboardings/:offboarding', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const offboarding = numberIn(context.req.param('offboarding'), 'offboarding');
    return jsonResponse(await offboardings.show(operator, { offboarding }), 200, context.get('requestId'));
  });
}

/** Numbers of a few digits: whatever else is asked for, there is none of that name. */
function numberIn(text: string, what: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new GantryError('not_found', { message: `There is no ${what} "${text.slice(0, 40)}".`, where: what });
}
