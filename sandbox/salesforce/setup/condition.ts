import type { Value } from '../schema/field.ts';

/** The condition of a validation rule as data; a record that meets it is refused. Fields by storage name. */
export type Condition =
  | { readonly kind: 'all' | 'any'; readonly terms: readonly Condition[] }
  | { readonly kind: 'blank'; readonly field: string; readonly picklist: boolean }
  | { readonly kind: 'picked'; readonly field: string; readonly value: string }
  | { readonly kind: 'not'; readonly term: Condition }
  /** Numbers, or dates as `YYYY-MM-DD`; false where one side is blank. */
  | { readonly kind: 'below'; readonly field: string; readonly limit: number | { readonly field: string } };

/** The same in the formula language of the platform. */
export function formulaOf(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return `${condition.kind === 'all' ? 'AND' : 'OR'}(${condition.terms.map(formulaOf).join(', ')})`;
    case 'not':
      return `NOT(${formulaOf(condition.term)})`;
    case 'blank':
      return condition.picklist ? `ISBLANK(TEXT(${condition.field}))` : `ISBLANK(${condition.field})`;
    case 'picked':
      return `ISPICKVAL(${condition.field}, "${condition.value}")`;
    case 'below': {
      const limit = typeof condition.limit === 'number' ? String(condition.limit) : condition.limit.field;
      return `${condition.field} < ${limit}`;
    }
  }
}

/** Whether a record with these values meets the condition. */
export function meets(condition: Condition, read: (storage: string) => Value): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.terms.every((term) => meets(term, read));
    case 'any':
      return condition.terms.some((term) => meets(term, read));
    case 'not':
      return !meets(condition.term, read);
    case 'blank': {
      const value = read(condition.field);
      return value === null || value === '';
    }
    case 'picked':
      return read(condition.field) === condition.value;
    case 'below': {
      const value = read(condition.field);
      const limit = typeof condition.limit === 'number' ? condition.limit : read(condition.limit.field);
      if (typeof value === 'number' && typeof limit === 'number') return value < limit;
      return typeof value === 'string' && typeof limit === 'string' && value < limit;
    }
  }
}
