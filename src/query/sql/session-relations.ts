import type { VisibleObject } from '../../access/index.ts';
import type { SessionRelation } from '../../lens/index.ts';
import { quoteName } from '../../mapping/index.ts';
import type { CompileContext } from '../compile/context.ts';
import { rowsCondition, sourceSql } from '../compile/frame.ts';
import { refPrefix } from '../references.ts';
import type { AnswerRow } from '../rights/still-shown.ts';

/**
 * An object as agents' SQL sees it: visible columns and `_ref`; for callers
 * who may see some records only, a copy of those, so that no expression of
 * theirs is ever evaluated over the others.
 */
export function sessionRelation(
  context: CompileContext,
  object: VisibleObject,
  /** Of the records only these; absent: all that are shown. */
  only?: readonly AnswerRow[],
): SessionRelation {
  const visible = new Set([...object.fields.values()].map((field) => field.column));
  const columns = [...visible].map(quoteName);
  const source = sourceSql({ context, reach: 'caller' }, object, new Set([...visible, '_at']));
  const where = only === undefined ? '' : ` where ${rowsCondition(context, 'v', only)}`;
  const isWhole = object.rowFilter === null && object.restricted?.limited !== true && only === undefined;
  return {
    name: object.name,
    select: `select ${[...columns, `${refSql(object)} as _ref`, 'v._at as _at'].join(', ')} from ${source} as v${where}`,
    params: context.params,
    as: isWhole ? 'view' : 'table',
  };
}

function refSql(object: VisibleObject): string {
  const cases = object.sources.map(
    (source) => `when ${source.stream} then '${refPrefix(source).replaceAll("'", "''")}' || v._id`,
  );
  return cases.length === 0 ? 'v._id' : `case v._stream ${cases.join(' ')} end`;
}
