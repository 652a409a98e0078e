import { sightsOf, type VisibleObject } from '../../access/index.ts';
import type { SessionRelation } from '../../lens/index.ts';
import { classedTables, quoteName } from '../../mapping/index.ts';
import type { CompileContext, LookedUp } from '../compile/context.ts';
import { rowsCondition, visibleSql } from '../compile/frame.ts';
import { objectWith } from '../compile/looked-up-objects.ts';
import { refPrefix } from '../references.ts';
import type { AnswerRow } from '../rights/still-shown.ts';

export interface ShownNow {
  /** Of the records only these; absent: all that are shown. */
  readonly only?: readonly AnswerRow[];
  /** Of the records that mappings look values up in. */
  readonly lookedUp?: LookedUp;
}

/**
 * An object as agents' SQL sees it: visible columns and `_ref`; for callers
 * who may see some records only, a copy of those, so that no expression of
 * theirs is ever evaluated over the others. Where there are no others, because
 * the caller's access classes are all that there are, the lens spares the copy.
 */
export function sessionRelation(
  context: CompileContext,
  object: VisibleObject,
  /** What sources show at this moment; absent: they were not asked. */
  now?: ShownNow,
): SessionRelation {
  const visible = new Set([...object.fields.values()].map((field) => field.column));
  const columns = [...visible].map(quoteName);
  const seen = objectWith(object, now?.lookedUp ?? new Map());
  const source = visibleSql(context, seen, new Set([...visible, '_at']));
  const { only } = now ?? {};
  const where = only === undefined ? '' : ` where ${rowsCondition(context, 'v', only)}`;
  const isLimited = object.restricted?.limited === true;
  const isOfRights = object.rowFilter === null && now === undefined;
  return {
    name: object.name,
    select: `select ${[...columns, `${refSql(object)} as _ref`, 'v._at as _at'].join(', ')} from ${source} as v${where}`,
    params: context.params,
    as: isOfRights && !isLimited ? 'view' : 'table',
    ...(isOfRights && isLimited ? classed(context, object) : {}),
  };
}

/** What the lens has to look at to know whether the caller's classes leave out anything. */
function classed({ caller, scope }: CompileContext, { name }: VisibleObject): Pick<SessionRelation, 'classed'> {
  const whole = scope.objects.get(name);
  if (whole === undefined || caller.principal === null) return {};
  const tables = classedTables(whole, scope.objects, sightsOf(caller.principal));
  return tables === null ? {} : { classed: tables };
}

function refSql(object: VisibleObject): string {
  const cases = object.sources.map(
    (source) => `when ${source.stream} then '${refPrefix(source).replaceAll("'", "''")}' || v._id`,
  );
  return cases.length === 0 ? 'v._id' : `case v._stream ${cases.join(' ')} end`;
}
