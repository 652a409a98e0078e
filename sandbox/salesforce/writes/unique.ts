import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Writer } from './fields.ts';
import { saveError, type SaveError } from './save-error.ts';
import type { ValueIndexes } from './value-index.ts';

/** Another record has a value that may be there once only; null: none. */
export function uniqueError(
  { org, indexes }: { readonly org: Org; readonly indexes: ValueIndexes },
  { seen }: Writer,
  object: ObjectDef,
  values: ReadonlyMap<string, Value>,
  row: number | null,
): SaveError | null {
  for (const field of object.fields) {
    const value = field.unique ? values.get(field.storage) : undefined;
    if (typeof value !== 'string' || value === '') continue;
    const other = indexes.find(object.name, field, value).find((one) => one !== row);
    if (other === undefined) continue;
    const isShown = seen.visible?.(object.name)?.(other) !== false;
    const id = isShown ? org.table(object.name).id(other) : '<unknown>';
    return saveError(
      'DUPLICATE_VALUE',
      `duplicate value found: ${field.name} duplicates value on record with id: ${id}`,
    );
  }
  return null;
}
