import type { SoqlOrg } from '../org.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { followSteps, type BoundField } from './bind.ts';

/** Selected fields of one object and, below it, of its parents. */
interface Shape {
  readonly fields: Map<string, BoundField>;
  readonly parents: Map<string, { readonly steps: BoundField['steps']; readonly shape: Shape }>;
}

/** Makes a record as the query resource returns it: `attributes`, the fields in their order, parents nested. */
export function createRenderer(org: SoqlOrg, object: ObjectDef, fields: readonly BoundField[]) {
  const root: Shape = { fields: new Map(), parents: new Map() };
  for (const field of fields) place(root, field);
  return (row: number, base: string): unknown =>
    renderShape(org, object, row, root, { object: object.name, id: row, base });
}

function place(root: Shape, field: BoundField): void {
  let shape = root;
  for (const [depth, step] of field.steps.entries()) {
    const known = shape.parents.get(step.name) ?? {
      steps: field.steps.slice(0, depth + 1),
      shape: { fields: new Map(), parents: new Map() },
    };
    shape.parents.set(step.name, known);
    shape = known.shape;
  }
  shape.fields.set(field.def.name, field);
}

interface Root {
  readonly object: string;
  readonly id: number;
  readonly base: string;
}

function renderShape(org: SoqlOrg, object: ObjectDef, row: number, shape: Shape, root: Root): unknown {
  const record: Record<string, unknown> = { attributes: recordAttributes(org, object, row, root.base) };
  for (const [name, field] of shape.fields) record[name] = external(field.def, field.read(root.id));
  for (const [name, parent] of shape.parents) {
    const end = followSteps(org, root.object, root.id, parent.steps);
    record[name] = end === null ? null : renderShape(org, end.object, end.row, parent.shape, root);
  }
  return record;
}

export function recordAttributes(org: SoqlOrg, object: ObjectDef, row: number, base: string): unknown {
  return { type: object.name, url: `${base}/sobjects/${object.name}/${org.table(object.name).id(row)}` };
}

/** A value as the REST API writes it. */
export function external(def: FieldDef, value: Value): unknown {
  if (def.type === 'datetime' && typeof value === 'number') return new Date(value).toISOString().replace('Z', '+0000');
  return value;
}
