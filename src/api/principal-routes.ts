import type { Hono } from 'hono';
import * as z from 'zod';
import { principalIn } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody } from './operator-requests.ts';
import { readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

const slug = z.string().min(1).max(100);
const person = z.string().trim().min(1).max(200);

const principalsQuery = z.strictObject({
  tenant: slug,
  connection: slug.exactOptional(),
  principal: person.exactOptional(),
});

export const principalLinkBody = z.strictObject({
  tenant: slug,
  principal: person,
  connection: slug,
  /** The provider's id of the user. */
  source_user: person,
  source_name: person.exactOptional(),
  /** What rules of the tenant's own compare with: team, territory. */
  attributes: z.record(z.string().min(1).max(100), z.json()).default({}),
});

export const byEmailBody = z.strictObject({
  tenant: slug,
  connection: slug,
  /** Absent: the e-mail addresses of all of the connection's users are taken as their names. */
  principals: z.array(person).max(10_000).default([]),
  /** False: it only says what it would do. */
  apply: z.boolean().default(false),
});

const unlinkQuery = z.strictObject({ tenant: slug, connection: slug });

/** Who the product's users are in the connected systems. For operators. */
export function addPrincipalRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { principals, authenticateOperator } = options;
  const operatorOf = (request: Request) => requireKey(request, authenticateOperator, 'operator');

  app.get('/v1/principals', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant, connection = null, principal = null } = readBody(principalsQuery, context.req.query());
    const list = await principals.list(operator, { tenant, connection, principal });
    return jsonResponse({ principals: list }, 200, context.get('requestId'));
  });

  app.post('/v1/principals', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(principalLinkBody, await readJson(context.req.raw));
    const linked = await principals.link(operator, {
      tenant: body.tenant,
      principal: principalIn(body.principal),
      connection: body.connection,
      sourceUser: body.source_user,
      sourceName: body.source_name ?? null,
      attributes: body.attributes,
    });
    return jsonResponse(linked, 201, context.get('requestId'));
  });

  app.post('/v1/principals/by-email', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const body = readBody(byEmailBody, await readJson(context.req.raw));
    const done = await principals.linkByEmail(operator, { ...body, principals: body.principals.map(principalIn) });
    return jsonResponse(done, 200, context.get('requestId'));
  });

  app.delete('/v1/principals/:principal', async (context) => {
    const operator = await operatorOf(context.req.raw);
    const { tenant, connection } = readBody(unlinkQuery, context.req.query());
    const principal = context.req.param('principal');
    const done = await principals.unlink(operator, { tenant, connection, principal });
    return jsonResponse(done, 200, context.get('requestId'));
  });
}
