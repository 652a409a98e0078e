import type { NativeField } from '../schema/index.ts';

/**
 * Whether anybody upstream can type what they like into a field. Closed lists,
 * ids, numbers, dates and booleans carry no text; a list without a closed set
 * of values (tags) does, and so does nested data.
 */
export function isUntrusted(field: NativeField): boolean {
  switch (field.type) {
    case 'string':
    case 'text':
    case 'json':
      return true;
    case 'enum':
    case 'multi_enum':
      return field.values === undefined;
    case 'id':
    case 'reference':
    case 'boolean':
    case 'integer':
    case 'number':
    case 'decimal':
    case 'date':
    case 'datetime':
    case 'time':
      return false;
  }
}
