import { GantryError, isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import type { UpstreamAnswer, UpstreamRequest } from '../kit/http-client.ts';
import { factsIn, type Dialect, type DialectName, type OdooCall, type OdooFacts } from './dialects/dialect.ts';
import { json2 } from './dialects/json2.ts';
import { jsonRpc } from './dialects/jsonrpc.ts';
import { xmlRpc } from './dialects/xmlrpc.ts';

const dialects: Readonly<Record<DialectName, Dialect>> = { json2, jsonrpc: jsonRpc, xmlrpc: xmlRpc };

export interface OdooAnswer extends Pick<UpstreamAnswer, 'askedAt' | 'headers'> {
  readonly result: Json;
}

const DOMAIN_FIRST = new Set(['search', 'search_read', 'search_count']);

type OdooSession = Pick<SessionContext, 'http' | 'access'>;

/** What the sign-in found out about this customer's server. */
export async function odooFacts({ access }: Pick<OdooSession, 'access'>): Promise<OdooFacts> {
  return factsIn((await access.token()).context);
}

/** Calls a read-only method of a model in the dialect that the sign-in found; `params` are the method's own, by name. */
export async function odooCall(
  session: OdooSession,
  model: string,
  method: string,
  params: JsonObject,
  first = DOMAIN_FIRST.has(method) ? 'domain' : undefined,
): Promise<OdooAnswer> {
  const call: OdooCall = { model, method, params, ...(first === undefined ? {} : { first }) };
  const request = await requestOf(session, call);
  const { body, askedAt, headers } = await session.http(request);
  if (!isJsonObject(body) || body['result'] === undefined) throw noResult(request.path, call);
  return { result: body['result'], askedAt, headers };
}

/** A call as the customer's dialect spells it. */
export async function requestOf(session: OdooSession, call: OdooCall): Promise<UpstreamRequest> {
  const { model } = call;
  // The name goes into a path: only what Odoo itself allows as a model's name passes.
  if (!/^[a-z_][\w.]*$/i.test(model)) {
    throw new GantryError('upstream_object_missing', { message: `"${model.slice(0, 80)}" is not an Odoo model name.` });
  }
  const dialect = dialects[(await odooFacts(session)).dialect];
  return {
    method: 'POST',
    path: dialect.path(call),
    headers: { 'content-type': dialect.contentType },
    credential: ({ accessToken, context }) => {
      const { database, uid } = factsIn(context);
      return dialect.credential(call, { key: accessToken, database, uid });
    },
    parse: dialect.parse,
  };
}

/** Rows of `search_read` and the like. Raises `upstream_malformed` for anything else. */
export function rowsOf({ result }: OdooAnswer, model: string): readonly JsonObject[] {
  if (Array.isArray(result) && result.every(isJsonObject)) return result;
  throw new GantryError('upstream_malformed', {
    message: `Odoo's answer about "${model}" is not a list of records.`,
    data: { class: 'malformed_response', object: model },
  });
}

function noResult(path: string, call: OdooCall): GantryError {
  return new GantryError('upstream_malformed', {
    message: `Odoo's answer to ${call.model}.${call.method} has no result.`,
    where: `POST ${path}`,
    data: { class: 'malformed_response' },
  });
}
