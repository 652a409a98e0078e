import { createHash } from 'node:crypto';
import { json, type Route, type SandboxResponse } from '../../kit/index.ts';
import type { SoqlOrg } from '../org.ts';
import { controllerOf, validFor } from '../schema/dependent-picklist.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { recordTypeViews, type RecordTypeView } from '../schema/record-type.ts';
import { apiError } from './errors.ts';
import { objectInfoBody } from './object-info.ts';
import type { Api, ApiCall } from './session.ts';

const PATH = '/services/data/:version/ui-api/object-info';
const PICKLISTS: ReadonlySet<string> = new Set(['picklist', 'multipicklist', 'combobox']);

/** User Interface API: what it says of objects and of the picklists of a record type. */
export function uiApiRoutes(seen: (call: ApiCall) => SoqlOrg, api: Api): readonly Route[] {
  const get = (path: string, answer: (object: ObjectDef, call: ApiCall) => SandboxResponse): Route => ({
    method: 'GET',
    path: `${PATH}${path}`,
    handle: api((call) => {
      const name = call.request.params['object'] ?? '';
      const object = seen(call).schema.object(name);
      return object === undefined || !isSupported(object)
        ? apiError(400, 'INVALID_TYPE', `Object ${name} is not supported in UI API`)
        : answer(object, call);
    }),
  });
  return [
    get('/:object', (object, call) => withTag(objectInfoBody(object, seen(call).schema, call.user.role === 'admin'))),
    get('/:object/picklist-values/:type', picklistValues),
    get('/:object/picklist-values/:type/:field', onePicklist),
  ];
}

/** Objects that people see on pages; settings, events and setup itself are none. */
function isSupported(object: ObjectDef): boolean {
  return object.writable && object.sort !== 'setting';
}

function withTag(body: Readonly<Record<string, unknown>>): SandboxResponse {
  const eTag = createHash('md5').update(JSON.stringify(body)).digest('hex');
  return json(200, { ...body, eTag });
}

/** `GET .../picklist-values/RECORD_TYPE`: every picklist of the object with the values of that type. */
function picklistValues(object: ObjectDef, call: ApiCall): SandboxResponse {
  const type = typeOf(object, call);
  if (type === undefined) return unknownType(call);
  const base = `${call.base}/ui-api/object-info/${object.name}/picklist-values/${type.id}`;
  const lists = object.fields
    .filter((field) => PICKLISTS.has(field.type))
    .map((field) => [field.name, picklist(object, field, type, `${base}/${field.name}`)]);
  return withTag({ picklistFieldValues: Object.fromEntries(lists) });
}

function onePicklist(object: ObjectDef, call: ApiCall): SandboxResponse {
  const type = typeOf(object, call);
  if (type === undefined) return unknownType(call);
  const name = (call.request.params['field'] ?? '').toLowerCase();
  const field = object.fields.find((one) => one.name.toLowerCase() === name && PICKLISTS.has(one.type));
  if (field === undefined)
    return apiError(400, 'INVALID_FIELD', `${call.request.params['field']} is not a picklist of ${object.name}`);
  const url = `${call.base}/ui-api/object-info/${object.name}/picklist-values/${type.id}/${field.name}`;
  return withTag(picklist(object, field, type, url));
}

function picklist(
  object: ObjectDef,
  field: FieldDef,
  type: RecordTypeView,
  url: string,
): Readonly<Record<string, unknown>> {
  const offered = valuesOf(field, type);
  const controller = controllerOf(field, object.fields);
  // Places count among the values that the record type offers of the controlling picklist.
  const controls = controller === null ? [] : valuesOf(controller, type);
  const entry = (value: string): unknown => ({
    attributes: null,
    label: value,
    validFor: controller === null ? [] : validFor(field, { ...controller, picklist: controls }, value),
    value,
  });
  const standing = offered.find((value) => value === field.defaultValue);
  return {
    controllerValues: Object.fromEntries(controls.map((value, at) => [value, at])),
    defaultValue: standing === undefined ? null : entry(standing),
    url,
    values: offered.map(entry),
  };
}

/** In the order of the picklist, whatever the order in the record type. */
function valuesOf(field: FieldDef, type: RecordTypeView): readonly string[] {
  const chosen = type.picklists[field.storage];
  return chosen === undefined ? field.picklist : field.picklist.filter((value) => chosen.includes(value));
}

function typeOf(object: ObjectDef, call: ApiCall): RecordTypeView | undefined {
  const id = (call.request.params['type'] ?? '').slice(0, 15);
  return recordTypeViews(object, call.user.role === 'admin').find((view) => view.id.startsWith(id) && id.length === 15);
}

function unknownType(call: ApiCall): SandboxResponse {
  return apiError(400, 'INVALID_PARAMETER_VALUE', `Invalid record type ID: ${call.request.params['type']}`);
}
