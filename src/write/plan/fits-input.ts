import type { Json } from '../../kernel/index.ts';
import type { SavedQueryParam } from '../../manifest/index.ts';

/** Whether a value is one of an input's. */
export function fitsInput({ type, values }: Pick<SavedQueryParam, 'type' | 'values'>, value: Json): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
    case 'datetime':
      return (
        typeof value === 'string' &&
        /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(value)
      );
    case 'enum':
      return typeof value === 'string' && values?.includes(value) === true;
  }
}
