import { json, type Route, type SandboxResponse } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { externalIdField, isSaveError, namedBy, withParents } from '../writes/external-id.ts';
import { RequestError, saveError, shownText } from '../writes/save-error.ts';
import type { Saved, Saver, Wanted } from '../writes/saver.ts';
import type { ValueIndexes } from '../writes/value-index.ts';
import { apiError, notFound } from './errors.ts';
import type { Api, ApiCall } from './session.ts';
import { answering, bodyOf, intended, parseAll, valuesOf, writerOf, type Fields } from './write-call.ts';

/** A write with parents that are named by external ids; why it cannot be, otherwise. */
function withFields(
  org: Org,
  indexes: ValueIndexes,
  object: ObjectDef,
  values: Fields,
  make: (fields: Fields) => Wanted,
): Wanted {
  const fields = withParents(org, indexes, object, values);
  return isSaveError(fields) ? fields : make(fields);
}

interface Upserts {
  readonly org: Org;
  readonly indexes: ValueIndexes;
  readonly of: ObjectDef;
  readonly field: FieldDef;
}

/** Of two records of one call with one value the second is refused. */
function upserts({ org, indexes, of, field }: Upserts): (values: Fields, object: ObjectDef) => Wanted {
  const seenValues = new Set<string>();
  return (values, object) => {
    const entry = Object.entries(values).find(([name]) => name.toLowerCase() === field.name.toLowerCase());
    const value = entry === undefined || entry[1] === null ? '' : shownText(entry[1]);
    if (object.name !== of.name) return saveError('INVALID_TYPE', `records must all be of ${of.name}`);
    if (value === '' && field.type !== 'id')
      return saveError('MISSING_ARGUMENT', `${field.name} not specified`, [field.name]);
    if (value !== '' && seenValues.has(value.toLowerCase()))
      return saveError('DUPLICATE_VALUE', `Duplicate external id specified: ${value}`, [field.name]);
    seenValues.add(value.toLowerCase());
    const ids = value === '' ? [] : namedBy(org, indexes, object, field, value);
    if (ids.length > 1)
      return saveError(
        'DUPLICATE_EXTERNAL_ID',
        `${field.name}: more than one record found for external id field: [${ids.join(', ')}]`,
      );
    const rest = Object.fromEntries(Object.entries(values).filter(([name]) => name !== entry?.[0]));
    const [id = null] = ids;
    return withFields(org, indexes, object, rest, (fields) =>
      id === null
        ? intended('create', object, null, field.type === 'id' ? fields : { ...fields, [field.name]: value }, value)
        : intended('update', object, id, fields, value),
    );
  };
}

const PATH = '/services/data/:version/composite/sobjects';
/** REST guide, "sObject Collections": records in one call, and runs of one object in it. */
const RECORDS_MAX = 200;
const CHUNKS_MAX = 10;

/** Up to 200 records in one call, each with a result of its own. */
export function collectionRoutes(seen: (call: ApiCall) => Org, api: Api, saver: Saver): readonly Route[] {
  const route = (
    method: Route['method'],
    path: string,
    handle: (call: ApiCall, org: Org) => SandboxResponse,
  ): Route => ({
    method,
    path: `${PATH}${path}`,
    handle: api(answering((call) => handle(call, seen(call)))),
  });
  const save = (call: ApiCall, org: Org, want: (record: Fields, object: ObjectDef) => Wanted): SandboxResponse => {
    const body = bodyOf(call);
    const records = recordsOf(body);
    if (records.length > RECORDS_MAX) return tooMany();
    const objects = records.map((record) => objectOf(org, record));
    if (chunks(objects) > CHUNKS_MAX)
      return apiError(
        400,
        'EXCEEDED_MAX_TYPES_LIMIT',
        `Cannot have more than ${CHUNKS_MAX} chunks in a single operation`,
      );
    const wanted = records.map((record, at): Wanted => {
      const object = objects[at];
      return object === undefined ? unknownType(record) : want(valuesOf(record), object);
    });
    return answer(saver, org, call, wanted, body['allOrNone'] === true);
  };
  return [
    ...['', '/'].flatMap((end) => [
      route('POST', end, (call, org) =>
        save(call, org, (values, object) =>
          withFields(org, saver.indexes, object, values, (fields) => intended('create', object, null, fields)),
        ),
      ),
      route('PATCH', end, (call, org) =>
        save(call, org, (values, object) => {
          const { id, rest } = withoutId(values);
          if (id === null) return saveError('MISSING_ARGUMENT', 'Id not specified in an update call');
          return withFields(org, saver.indexes, object, rest, (fields) => intended('update', object, id, fields));
        }),
      ),
      route('DELETE', end, (call, org) => {
        const ids = (call.request.query.get('ids') ?? '').split(',').filter((id) => id !== '');
        if (ids.length === 0) return apiError(400, 'MISSING_ARGUMENT', 'The ids parameter is missing');
        if (ids.length > RECORDS_MAX) return tooMany();
        const wanted = ids.map((id): Wanted => {
          const object = org.schema.byPrefix(id.slice(0, 3));
          return object === undefined
            ? saveError('MALFORMED_ID', `malformed id ${id}`)
            : intended('delete', object, id);
        });
        return answer(saver, org, call, wanted, call.request.query.get('allOrNone') === 'true');
      }),
    ]),
    route('PATCH', '/:object/:field', (call, org) => {
      const { object: objectName = '', field: fieldName = '' } = call.request.params;
      const of = org.schema.object(objectName);
      const field = of === undefined ? null : externalIdField(org, of, fieldName);
      if (of === undefined) return notFound();
      if (field === null)
        return apiError(
          404,
          'NOT_FOUND',
          `Provided external ID field does not exist or is not accessible: ${fieldName}`,
        );
      return save(call, org, upserts({ org, indexes: saver.indexes, of, field }));
    }),
  ];
}

function answer(saver: Saver, org: Org, call: ApiCall, wanted: readonly Wanted[], allOrNone: boolean): SandboxResponse {
  const writer = writerOf(org, call);
  parseAll(writer, wanted);
  const results = saver.save(writer, wanted, allOrNone);
  const tellsCreated = call.request.method === 'PATCH' && call.request.params['field'] !== undefined;
  return {
    ...json(
      200,
      results.map((result) => shownResult(result, tellsCreated)),
    ),
    effects: results.flatMap((result) => (result.kind === 'saved' ? result.effects : [])),
  };
}

function shownResult(result: Saved, tellsCreated: boolean): unknown {
  if (result.kind === 'refused') return { success: false, errors: result.errors };
  return { id: result.id, success: true, errors: [], ...(tellsCreated ? { created: result.created } : {}) };
}

function recordsOf(body: Fields): readonly Fields[] {
  const { records } = body;
  if (!Array.isArray(records) || !records.every((one) => typeof one === 'object' && one !== null))
    throw new RequestError('JSON_PARSER_ERROR', 'The request has no list of records');
  return records as readonly Fields[];
}

function objectOf(org: Org, record: Fields): ObjectDef | undefined {
  const { type } = Object(record['attributes']) as Fields;
  const object = typeof type === 'string' ? org.schema.object(type) : undefined;
  return object !== undefined && object.writable ? object : undefined;
}

function unknownType(record: Fields): Wanted {
  const { type } = Object(record['attributes']) as Fields;
  if (type === undefined) throw new RequestError('INVALID_TYPE', 'Each record needs attributes with a type');
  return saveError('INVALID_TYPE', `sObject type ${JSON.stringify(type)} is not supported.`);
}

/** Runs of records of one object, as they follow each other. */
function chunks(objects: readonly (ObjectDef | undefined)[]): number {
  return objects.filter((object, at) => at === 0 || objects[at - 1]?.name !== object?.name).length;
}

function withoutId(values: Fields): { readonly id: string | null; readonly rest: Fields } {
  const entry = Object.entries(values).find(([name]) => name.toLowerCase() === 'id');
  const rest = Object.fromEntries(Object.entries(values).filter(([name]) => name !== entry?.[0]));
  return { id: typeof entry?.[1] === 'string' ? entry[1] : null, rest };
}

function tooMany(): SandboxResponse {
  return apiError(
    400,
    'EXCEEDED_ID_LIMIT',
    `record limit reached. cannot submit more than ${RECORDS_MAX} records into this call`,
  );
}
