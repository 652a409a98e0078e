import { json, type Route, type SandboxResponse } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { ObjectDef } from '../schema/object.ts';
import { externalIdField, isSaveError, namedBy, withParents } from '../writes/external-id.ts';
import type { IntendedWrite } from '../writes/save.ts';
import type { Saver } from '../writes/saver.ts';
import { apiError, notFound } from './errors.ts';
import type { Api, ApiCall } from './session.ts';
import { retrieve } from './sobjects.ts';
import { answering, bodyOf, intended, parseAll, refusedSave, valuesOf, writerOf, type Fields } from './write-call.ts';

const PATH = '/services/data/:version/sobjects/:object';
type Answer = (org: Org, object: ObjectDef, call: ApiCall) => SandboxResponse;

/** Single records (REST guide, "sObject Basic Information", "sObject Rows", "sObject Rows by External ID"). */
export function recordRoutes(seen: (call: ApiCall) => Org, api: Api, saver: Saver): readonly Route[] {
  const route = (method: Route['method'], path: string, answer: Answer): Route => ({
    method,
    path: `${PATH}${path}`,
    handle: api(
      answering((call) => {
        const org = seen(call);
        const object = org.schema.object(call.request.params['object'] ?? '');
        return object === undefined || !object.queryable ? notFound() : answer(org, object, call);
      }),
    ),
  });
  const create: Answer = (org, object, call) => save(saver, org, call, fromBody(saver, org, object, call, null));
  const update: Answer = (org, object, call) => {
    const id = call.request.params['id'] ?? '';
    const refusal = unusable(org, object, call, id);
    return refusal ?? save(saver, org, call, fromBody(saver, org, object, call, id));
  };
  return [
    route('POST', '', create),
    route('POST', '/', create),
    // Clients that cannot send PATCH say so in the query.
    route('POST', '/:id', (org, object, call) =>
      call.request.query.get('_HttpMethod') === 'PATCH' ? update(org, object, call) : methodNotAllowed(call),
    ),
    route('PATCH', '/:id', update),
    route('DELETE', '/:id', (org, object, call) => {
      const id = call.request.params['id'] ?? '';
      return unusable(org, object, call, id) ?? save(saver, org, call, intended('delete', object, id));
    }),
    route('GET', '/:field/:value', (org, object, call) => {
      const id = only(org, saver, object, call);
      if (typeof id !== 'string') return id ?? notFound();
      return retrieve(org, { ...call, request: { ...call.request, params: { ...call.request.params, id } } });
    }),
    route('PATCH', '/:field/:value', (org, object, call) => upsert(saver, org, object, call)),
    route('DELETE', '/:field/:value', (org, object, call) => {
      const id = only(org, saver, object, call);
      if (typeof id !== 'string') return id ?? notFound();
      return save(saver, org, call, intended('delete', object, id, {}, call.request.params['value']));
    }),
  ];
}

function methodNotAllowed({ request }: ApiCall): SandboxResponse {
  return apiError(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${request.method}' not allowed. Allowed are HEAD,GET,PATCH,DELETE`,
  );
}

/** The write that a body asks for; `id` null makes a record. */
function fromBody(
  saver: Saver,
  org: Org,
  object: ObjectDef,
  call: ApiCall,
  id: string | null,
): IntendedWrite | SandboxResponse {
  const values = valuesOf(bodyOf(call));
  if (id !== null && Object.keys(values).some((name) => name.toLowerCase() === 'id'))
    return apiError(400, 'INVALID_FIELD', 'The Id field should not be specified in the sobject data.');
  const fields = withParents(org, saver.indexes, object, values);
  if (isSaveError(fields)) return refusedSave([fields]);
  return intended(id === null ? 'create' : 'update', object, id, fields);
}

function save(saver: Saver, org: Org, call: ApiCall, write: IntendedWrite | SandboxResponse): SandboxResponse {
  if (!('op' in write)) return write;
  const writer = writerOf(org, call);
  parseAll(writer, [write]);
  const [result] = saver.save(writer, [write]);
  if (result === undefined || result.kind === 'refused') return refusedSave(result?.errors ?? []);
  const { id, effects } = result;
  if (write.op !== 'create') return { status: 204, effects };
  const location = `${call.base}/sobjects/${write.object.name}/${id}`;
  return { ...json(201, { id, success: true, errors: [] }, { location }), effects };
}

/** Records that cannot be reached, and those that have changed since the caller looked; null: go on. */
function unusable(org: Org, object: ObjectDef, call: ApiCall, id: string): SandboxResponse | null {
  if (!object.writable)
    return apiError(400, 'INVALID_TYPE_FOR_OPERATION', `entity type ${object.name} does not support update`);
  if (!/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id))
    return apiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${id}`);
  const table = org.table(object.name);
  const row = table.rowOf(id);
  if (row === null || org.visible?.(object.name)?.(row) === false) return notFound();
  if (table.isDeleted(row)) return null;
  return changedSince(call, table.stamp(row));
}

/** REST guide, "Conditional Request Headers": by the second, and never for DELETE. */
function changedSince({ request }: ApiCall, stampMs: number): SandboxResponse | null {
  const since = request.headers['if-unmodified-since'];
  if (since === undefined || request.method === 'DELETE') return null;
  const sinceMs = Date.parse(since);
  if (Number.isNaN(sinceMs))
    return apiError(400, 'MALFORMED_QUERY', `Invalid value of the header If-Unmodified-Since: ${since}`);
  return stampMs > sinceMs ? { status: 412 } : null;
}

/** Id of the one record that the path names by an external id; null: there is none. */
function only(org: Org, saver: Saver, object: ObjectDef, call: ApiCall): string | SandboxResponse | null {
  const { field: name = '', value = '' } = call.request.params;
  const field = externalIdField(org, object, name);
  if (field === null)
    return apiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${name}`);
  const ids = namedBy(org, saver.indexes, object, field, value);
  if (ids.length <= 1) return ids[0] ?? null;
  return json(
    300,
    ids.map((id) => `${call.base}/sobjects/${object.name}/${id}`),
  );
}

function upsert(saver: Saver, org: Org, object: ObjectDef, call: ApiCall): SandboxResponse {
  const id = only(org, saver, object, call);
  if (id !== null && typeof id !== 'string') return id;
  const { field = '', value = '' } = call.request.params;
  const def = externalIdField(org, object, field);
  const given = valuesOf(bodyOf(call));
  if (def === null) return notFound();
  if (Object.keys(given).some((name) => [def.name.toLowerCase(), 'id'].includes(name.toLowerCase())))
    return apiError(400, 'INVALID_FIELD', `The ${def.name} field should not be specified in the sobject data.`);
  if (id === null && (call.request.query.get('updateOnly') === 'true' || def.type === 'id')) return notFound();
  const parents = withParents(org, saver.indexes, object, given);
  if (isSaveError(parents)) return refusedSave([parents]);
  const fields: Fields = id === null ? { ...parents, [def.name]: value } : parents;
  const write = intended(id === null ? 'create' : 'update', object, id, fields, value);
  const writer = writerOf(org, call);
  parseAll(writer, [write]);
  if (id !== null) {
    const refusal = changedSince(call, org.table(object.name).stamp(org.table(object.name).rowOf(id) ?? 0));
    if (refusal !== null) return refusal;
  }
  const [result] = saver.save(writer, [write]);
  if (result === undefined || result.kind === 'refused') return refusedSave(result?.errors ?? []);
  const { created, effects } = result;
  return { ...json(created ? 201 : 200, { id: result.id, success: true, errors: [], created }), effects };
}
