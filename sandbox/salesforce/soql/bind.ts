import type { SoqlOrg } from '../org.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Path, Query } from './ast.ts';
import { SoqlError } from './soql-error.ts';

/** A path of a query, resolved against the schema. */
export interface BoundField {
  readonly def: FieldDef;
  /** Look-up fields followed on the way; empty for a field of the queried object itself. */
  readonly steps: readonly { readonly name: string; readonly def: FieldDef }[];
  /** Value for a row of the queried object. */
  read(row: number): Value;
}

/** Fields that the platform offers on a look-up that may point at several objects. */
const POLYMORPHIC = new Set([
  'id',
  'name',
  'type',
  'firstname',
  'lastname',
  'email',
  'title',
  'phone',
  'username',
  'alias',
  'isactive',
]);
const DEPTH_MAX = 5;

/** Resolves paths; throws SoqlError INVALID_FIELD for names that the org does not have. */
export function createBinder(org: SoqlOrg, object: ObjectDef, query: Query): (path: Path) => BoundField {
  const own = new Set([object.name.toLowerCase(), query.from.alias?.toLowerCase()]);
  const table = org.table(object.name);
  return (path) => {
    const parts = path.parts.length > 1 && own.has(path.parts[0]?.toLowerCase()) ? path.parts.slice(1) : path.parts;
    const fail = (message: string): never => {
      throw new SoqlError('INVALID_FIELD', query.text, path.at, message);
    };
    if (parts.length > DEPTH_MAX + 1) fail('SOQL queries cannot follow more than five parent relationships');
    const steps: { name: string; def: FieldDef }[] = [];
    let current: ObjectDef | null = object;
    for (const part of parts.slice(0, -1)) {
      const owner: ObjectDef = current ?? fail(unknownRelationship(part));
      const def =
        owner.fields.find((field) => field.relationshipName?.toLowerCase() === part.toLowerCase()) ??
        fail(unknownRelationship(part));
      steps.push({ name: def.relationshipName ?? part, def });
      current = def.referenceTo.length === 1 ? (org.schema.object(def.referenceTo[0] ?? '') ?? null) : null;
    }
    const last = parts[parts.length - 1] ?? '';
    const lastStep = steps[steps.length - 1];
    if (current === null) {
      const owner = lastStep?.def.referenceTo.length === 1 ? null : lastStep;
      if (owner === undefined || owner === null || !POLYMORPHIC.has(last.toLowerCase()))
        fail(unknownColumn(last, 'Name'));
      return { def: nameField(org, last), steps, read: (row) => follow(org, object.name, row, steps, last) };
    }
    const def = org.schema.field(current.name, last) ?? fail(unknownColumn(last, current.name));
    if (steps.length === 0) return { def, steps, read: (row) => table.value(row, def) };
    return { def, steps, read: (row) => follow(org, object.name, row, steps, last) };
  };
}

/** The record that a chain of look-ups ends at. */
export function followSteps(
  org: SoqlOrg,
  object: string,
  row: number,
  steps: readonly { readonly def: FieldDef }[],
): { readonly object: ObjectDef; readonly row: number } | null {
  let at: { readonly object: ObjectDef | undefined; readonly row: number } = { object: org.schema.object(object), row };
  for (const { def } of steps) {
    if (at.object === undefined) return null;
    const id = org.table(at.object.name).value(at.row, def);
    if (typeof id !== 'string') return null;
    const next = org.locate(def, id);
    if (next === null || org.table(next.object.name).isDeleted(next.row)) return null;
    // A parent that the caller is not shown is none.
    if (org.visible?.(next.object.name)?.(next.row) === false) return null;
    at = next;
  }
  return at.object === undefined ? null : { object: at.object, row: at.row };
}

function follow(
  org: SoqlOrg,
  object: string,
  row: number,
  steps: readonly { readonly def: FieldDef }[],
  last: string,
): Value {
  const end = followSteps(org, object, row, steps);
  if (end === null) return null;
  // On a polymorphic parent, `Type` is the name of the object, whatever fields that object has.
  if (steps[steps.length - 1]?.def.referenceTo.length !== 1 && last.toLowerCase() === 'type') return end.object.name;
  const def = org.schema.field(end.object.name, last);
  return def === undefined ? null : org.table(end.object.name).value(end.row, def);
}

/** How a field of a polymorphic parent is compared: as the contact's field of that name, else as text. */
function nameField(org: SoqlOrg, name: string): FieldDef {
  const known = org.schema.field('Contact', name) ?? org.schema.field('User', name);
  const text = org.schema.field('Contact', 'LastName') as FieldDef;
  return known ?? { ...text, name: 'Type' };
}

function unknownColumn(name: string, entity: string): string {
  return `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`;
}

function unknownRelationship(name: string): string {
  return `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`;
}
