import type { VisibleObject } from '../../access/index.ts';
import { GantryError } from '../../kernel/index.ts';
import { quoteName } from '../../mapping/index.ts';
import type { CompileContext } from './context.ts';
import { fromSql, openFrame } from './frame.ts';
import { filterSql } from './operand-sql.ts';

/**
 * The records of an object that its row filter admits, as a relation with these columns. The rule
 * is the tenant's: its own paths run over everything. A rule that cannot be
 * applied admits nothing and says so (`access_rule_invalid`).
 */
export function visibleRows(context: CompileContext, object: VisibleObject, columns: ReadonlySet<string>): string {
  const whole = context.scope.objects.get(object.name);
  if (whole === undefined || object.rowFilter === null) throw new Error(`${object.name} is not in the catalogue`);
  const frame = openFrame(context, 'policy', whole);
  try {
    const predicate = filterSql(frame, object.rowFilter, `rule of ${object.name}`);
    for (const column of columns) frame.columns.add(column);
    const outputs = [...new Set(['_stream', '_id', ...columns])].map((column) => `${frame.alias}.${quoteName(column)}`);
    return `(select ${outputs.join(', ')} ${fromSql(frame)} where ${predicate})`;
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    // What is wrong may name what the caller must not know: the cause goes to the log only.
    throw new GantryError('access_rule_invalid', {
      message: `The rule that limits the records of ${object.name} cannot be applied here, so none are shown.`,
      where: object.name,
      cause: error,
    });
  }
}
