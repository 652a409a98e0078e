import type { Org } from '../org.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { childRows } from './children.ts';
import { saveError, type SaveError } from './save-error.ts';

export interface Below {
  readonly object: ObjectDef;
  readonly row: number;
}

export type Deletion =
  | { readonly kind: 'records'; readonly below: readonly Below[] }
  | { readonly kind: 'refused'; readonly error: SaveError };

/**
 * What goes with a record: contacts and opportunities of an account, details
 * of a master. A record that a required look-up points at stays where it is.
 */
export function deletion(org: Org, object: ObjectDef, row: number): Deletion {
  const id = org.table(object.name).id(row);
  const below: Below[] = [];
  for (const { child, field } of linksTo(org, object.name)) {
    const rows = childRows(org, child.name, field, id);
    if (rows.length === 0) continue;
    if (!field.cascadeDelete) {
      const names = rows.slice(0, 5).map((one) => org.table(child.name).id(one));
      const message = `Your attempt to delete ${id} could not be completed because it is associated with the following ${child.plural}.: ${names.join(', ')}`;
      return { kind: 'refused', error: saveError('DELETE_FAILED', message) };
    }
    for (const one of rows) {
      const further = deletion(org, child, one);
      if (further.kind === 'refused') return further;
      below.push({ object: child, row: one }, ...further.below);
    }
  }
  return { kind: 'records', below };
}

/** Look-up fields that a deletion has to respect: those that go with it, and those that may not become empty. */
function linksTo(org: Org, name: string): readonly { readonly child: ObjectDef; readonly field: FieldDef }[] {
  return org.schema
    .objects()
    .filter((child) => child.writable && child.queryable)
    .flatMap((child) =>
      child.fields
        .filter((field) => field.referenceTo.includes(name))
        .filter((field) => field.cascadeDelete || (field.custom && !field.nillable))
        .map((field) => ({ child, field })),
    );
}
