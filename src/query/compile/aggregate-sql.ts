import { valueKindOf, type MeasureOp } from '../../filter/index.ts';
import { GantryError } from '../../kernel/index.ts';
import type { CatalogueField } from '../../mapping/index.ts';
import type { Typed } from './test-sql.ts';

/** The aggregate of one expression; null means "count the rows". Raises `query_op_invalid` where they do not go together. */
export function aggregateSql(
  measure: MeasureOp,
  value: { readonly sql: string; readonly field: CatalogueField } | null,
  where: string,
): Typed {
  if (measure === 'count') {
    return { sql: value === null ? 'count(*)' : `count(${value.sql})`, kind: 'number', whole: true };
  }
  if (value === null) throw new Error(`${measure} needs a field`);
  const kind = valueKindOf(value.field.type);
  const works = measure === 'sum' || measure === 'avg' ? kind === 'number' : kind !== 'json' && kind !== 'list';
  if (!works) {
    throw new GantryError('query_op_invalid', {
      message: `"${measure}" does not work on ${value.field.name}, which is of type ${value.field.type}.`,
      where,
      allowed: kind === 'json' || kind === 'list' ? ['count'] : ['count', 'min', 'max'],
    });
  }
  const whole = value.field.type === 'integer' && measure !== 'avg';
  return { sql: `${measure}(${value.sql})`, kind, whole };
}
