import type { Org } from '../org.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { saveError, type SaveError } from './save-error.ts';
import type { ValueIndexes } from './value-index.ts';

/** The field by which a client names records; null where there is none of the name, or it identifies nothing. */
export function externalIdField(seen: Org, object: ObjectDef, name: string): FieldDef | null {
  const field = seen.schema.field(object.name, name);
  return field !== undefined && (field.externalId || field.type === 'id') ? field : null;
}

/** Ids of the live records that the caller is shown and whose field has the value. */
export function namedBy(
  seen: Org,
  indexes: ValueIndexes,
  object: ObjectDef,
  field: FieldDef,
  value: string,
): readonly string[] {
  const table = seen.table(object.name);
  const visible = seen.visible?.(object.name) ?? null;
  const rows =
    field.type === 'id' ? [table.rowOf(value)].filter((row) => row !== null) : indexes.find(object.name, field, value);
  return rows.filter((row) => !table.isDeleted(row) && visible?.(row) !== false).map((row) => table.id(row));
}

export function isSaveError(value: object): value is SaveError {
  return 'statusCode' in value && typeof value.statusCode === 'string' && 'message' in value;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Parents that are named by an external id, `{"Account": {"Number__c": "4711"}}`
 * or a column `Account.Number__c`, as values of the look-up fields (REST guide,
 * "Insert or Update a Record Using an External ID").
 */
export function withParents(seen: Org, indexes: ValueIndexes, object: ObjectDef, fields: Fields): Fields | SaveError {
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const named = parentOf(object, name, value);
    if (named === null) {
      resolved[name] = value;
      continue;
    }
    const { field, by, text } = named;
    const parent = seen.schema.object(field.referenceTo[0] ?? '');
    const key = parent === undefined ? null : externalIdField(seen, parent, by);
    if (parent === undefined || key === null)
      return saveError('INVALID_FIELD', `Foreign key external ID field ${by} is not an external ID of ${name}`);
    const [id, ...more] = namedBy(seen, indexes, parent, key, text);
    if (id === undefined || more.length > 0)
      return saveError(
        'INVALID_FIELD',
        `Foreign key external ID: ${text.toLowerCase()} not found for field ${key.name} in entity ${parent.name}`,
      );
    resolved[field.name] = id;
  }
  return resolved;
}

function parentOf(
  object: ObjectDef,
  name: string,
  value: unknown,
): { readonly field: FieldDef; readonly by: string; readonly text: string } | null {
  const [relation = '', column] = name.split('.');
  const field = object.fields.find((one) => one.relationshipName?.toLowerCase() === relation.toLowerCase());
  if (field === undefined) return null;
  if (column !== undefined) return { field, by: column, text: String(value) };
  if (typeof value !== 'object' || value === null) return null;
  const [entry] = Object.entries(value).filter(([key]) => key !== 'attributes');
  return entry === undefined ? null : { field, by: entry[0], text: String(entry[1]) };
}
