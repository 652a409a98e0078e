import type { NativeField } from '../schema/index.ts';

/**
 * Whether anybody upstream can type what they like into a field. Ids, numbers,
 * dates and booleans carry no text. The values of a picklist are typed by
 * whoever may change the provider's settings, and many providers take others
 * too; only a model closes its list.
 */
export function isUntrusted(field: NativeField): boolean {
  switch (field.type) {
    case 'string':
    case 'text':
    case 'json':
    case 'enum':
    case 'multi_enum':
      return true;
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
