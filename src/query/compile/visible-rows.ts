import type { VisibleObject } from '../../access/index.ts';
import { operandsOf, type Filter } from '../../filter/index.ts';
import { GantryError } from '../../kernel/index.ts';
import { quoteName, relationFor, sourcesFor, type CatalogueObject } from '../../mapping/index.ts';
import { alias, type CompileContext } from './context.ts';
import { fromSql, openFrame } from './frame.ts';
import { filterSql } from './operand-sql.ts';

/**
 * The records of an object that its row filter admits, as a relation with these columns. The rule
 * is the tenant's: its own paths run over everything. A rule that cannot be
 * applied admits nothing and says so (`access_rule_invalid`).
 */
export function visibleRows(context: CompileContext, object: VisibleObject, columns: ReadonlySet<string>): string {
  const whole = context.scope.objects.get(object.name);
  const { rowFilter } = object;
  if (whole === undefined || rowFilter === null) throw new Error(`${object.name} is not in the catalogue`);
  try {
    return readsChanged(object, whole, rowFilter)
      ? amongAdmitted(context, { object, whole, rowFilter }, columns)
      : admitted(context, { ...object, fields: whole.fields, many: whole.many }, rowFilter, columns);
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

/** Whether the rule reads what the sources' rights make look otherwise to the caller: the rule is about what is true. */
function readsChanged({ restricted }: VisibleObject, whole: CatalogueObject, rule: Filter): boolean {
  if (restricted === undefined) return false;
  if (whole.merge !== undefined) return true;
  return operandsOf(rule).some((operand) => {
    const path = operand.kind === 'path' ? operand.path : operand.relation;
    const [first = ''] = path.split('.');
    const name = whole.many.get(first)?.on ?? first;
    return restricted.changed.has(whole.fields.get(name)?.column ?? name);
  });
}

/** `object` has the rows of which the rule chooses, and the fields that it may name. */
function admitted(
  context: CompileContext,
  object: CatalogueObject,
  rule: Filter,
  columns: ReadonlySet<string>,
): string {
  const frame = openFrame(context, 'policy', object);
  const predicate = filterSql(frame, rule, `rule of ${object.name}`);
  for (const column of columns) frame.columns.add(column);
  const outputs = [...new Set(['_stream', '_id', ...columns])].map((column) => `${frame.alias}.${quoteName(column)}`);
  return `(select ${outputs.join(', ')} ${fromSql(frame)} where ${predicate})`;
}

/** The rows as the caller sees them, of those that the rule admits as they truly are: a row is told by any record of it. */
function amongAdmitted(
  context: CompileContext,
  {
    object,
    whole,
    rowFilter,
  }: { readonly object: VisibleObject; readonly whole: CatalogueObject; readonly rowFilter: Filter },
  columns: ReadonlySet<string>,
): string {
  const rows = admitted(context, whole, rowFilter, new Set());
  const records = sourcesFor(whole, []);
  const ids =
    records === null
      ? `select a._stream, a._id from ${rows} as a`
      : `select s._stream, s._id from ${records} as s join ${rows} as a on a._stream = s._row_stream and a._id = s._row_id`;
  const name = alias(context, 'v');
  return `(select ${name}.* from ${relationFor(object, columns)} as ${name} where (${name}._stream, ${name}._id) in (${ids}))`;
}
