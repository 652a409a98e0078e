import type { Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { recordTypeViews } from '../schema/record-type.ts';

/** A new record's values with what the platform sets where nobody chose. `row` numbers it. */
export function withDefaults(
  object: ObjectDef,
  values: ReadonlyMap<string, Value>,
  by: { readonly userId: string; readonly isAdmin: boolean },
  row: number,
): Map<string, Value> {
  const all = new Map(values);
  for (const field of object.fields) {
    if ((all.get(field.storage) ?? null) !== null) continue;
    if (field.storage === 'OwnerId') all.set('OwnerId', by.userId);
    else if (field.storage === 'RecordTypeId')
      all.set(
        'RecordTypeId',
        recordTypeViews(object, by.isAdmin).find((view) => view.isDefault && !view.master)?.id ?? null,
      );
    else if (field.autoNumber) all.set(field.storage, `${object.label.charAt(0)}-${String(row + 1).padStart(6, '0')}`);
  }
  return all;
}
