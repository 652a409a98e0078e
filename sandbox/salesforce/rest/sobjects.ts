import { json, type SandboxResponse } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { describeObject, describeSummary } from '../schema/describe.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { external, recordAttributes } from '../soql/render.ts';
import { apiError, notFound } from './errors.ts';
import type { ApiCall } from './session.ts';

export function describeGlobal(org: Org, { base, user }: ApiCall): SandboxResponse {
  const sobjects = org.schema
    .objects()
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((object) => describeSummary(object, base, org.sharing.rights.writing(user, object)));
  return json(200, { encoding: 'UTF-8', maxBatchSize: 200, sobjects });
}

/** `GET /sobjects/OBJECT`: what it is, and what the caller looked at last (nothing, in a sandbox). */
export function objectInfo(org: Org, call: ApiCall): SandboxResponse {
  const object = org.schema.object(call.request.params['object'] ?? '');
  return object === undefined
    ? notFound()
    : json(200, {
        objectDescribe: describeSummary(object, call.base, org.sharing.rights.writing(call.user, object)),
        recentItems: [],
      });
}

export function describe(org: Org, call: ApiCall): SandboxResponse {
  const object = org.schema.object(call.request.params['object'] ?? '');
  return object === undefined
    ? notFound()
    : json(
        200,
        describeObject(
          object,
          org.schema,
          call.base,
          call.user.role === 'admin',
          org.sharing.rights.writing(call.user, object),
        ),
      );
}

/** `GET /sobjects/OBJECT/ID?fields=A,B`: one record, all fields unless some are named. */
export function retrieve(org: Org, call: ApiCall): SandboxResponse {
  const object = org.schema.object(call.request.params['object'] ?? '');
  if (object === undefined || !object.queryable) return notFound();
  const id = call.request.params['id'] ?? '';
  if (!/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id)) {
    return apiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${id}`);
  }
  const table = org.table(object.name);
  const row = table.rowOf(id);
  if (row === null || org.visible?.(object.name)?.(row) === false) return notFound();
  if (table.isDeleted(row))
    return json(404, [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }]);
  const names = call.request.query.get('fields')?.split(',') ?? object.fields.map((field) => field.name);
  const fields: FieldDef[] = [];
  for (const name of names) {
    const field = org.schema.field(object.name, name.trim());
    if (field === undefined) return apiError(400, 'INVALID_FIELD', unknownField(name.trim(), object));
    fields.push(field);
  }
  const values = fields.map((field) => [field.name, external(field, table.value(row, field))]);
  return json(200, { attributes: recordAttributes(org, object, row, call.base), ...Object.fromEntries(values) });
}

function unknownField(name: string, object: ObjectDef): string {
  return `No such column '${name}' on entity '${object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`;
}
