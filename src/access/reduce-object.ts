import type { CatalogueField, CatalogueMany, CatalogueObject } from '../mapping/index.ts';
import type { GrantedObject } from './grant-for.ts';
import type { VisibleObject } from './types.ts';

/**
 * An object without what the caller may not see. A reference to a hidden
 * object becomes a plain value; a to-many relation needs the field on the other
 * side that makes it, since counting by it tells that field's values.
 */
export function reduceObject(
  object: CatalogueObject,
  grant: GrantedObject,
  granted: ReadonlyMap<string, GrantedObject>,
): VisibleObject {
  const fields = new Map<string, CatalogueField>();
  for (const field of object.fields.values()) {
    if (grant.fields.has(field.name)) fields.set(field.name, reduceField(field, grant, granted));
  }
  const many = new Map<string, CatalogueMany>();
  for (const relation of object.many.values()) {
    if (granted.get(relation.object)?.fields.has(relation.via) === true) many.set(relation.name, relation);
  }
  const label = object.label !== null && fields.has(object.label) ? object.label : null;
  return { ...object, label, fields, many, rowFilter: grant.where };
}

function reduceField(
  field: CatalogueField,
  grant: GrantedObject,
  granted: ReadonlyMap<string, GrantedObject>,
): CatalogueField {
  const { reference, deprecated } = field;
  const replacedBy = deprecated?.replacedBy ?? null;
  return {
    ...field,
    reference: reference !== null && granted.has(reference.to) ? reference : null,
    deprecated:
      deprecated === null
        ? null
        : { replacedBy: replacedBy !== null && grant.fields.has(replacedBy) ? replacedBy : null },
  };
}
