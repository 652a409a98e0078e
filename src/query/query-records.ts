import type { Caller, VisibleObject } from '../access/index.ts';
import { GantryError, limits, streamId, type Json } from '../kernel/index.ts';
import type { CatalogueObject } from '../mapping/index.ts';
import { buildAnswer } from './answer.ts';
import { checkNesting } from './check-nesting.ts';
import { aggregatePlanSql, planAggregate } from './compile/aggregate-plan.ts';
import type { CompileContext } from './compile/context.ts';
import { changedSince } from './compile/changed-since.ts';
import { refuseUnconverted } from './compile/convert.ts';
import { createContext } from './compile/create-context.ts';
import { planRecords, recordsSql } from './compile/records-sql.ts';
import { visibleObject } from './compile/resolve.ts';
import { cursorBinding, decodeCursor, encodeCursor, keysAfter, type CursorState } from './cursor.ts';
import type { QueryParts } from './deps.ts';
import { deletedRefs } from './past/deleted-refs.ts';
import { referenceOf } from './references.ts';
import { stillShown } from './rights/still-shown.ts';
import { awaitRights } from './rights/with-fresh-rights.ts';
import type { Answer, QueryRequest, QueryScope } from './types.ts';
import { waitUntilFresh } from './wait-until-fresh.ts';

/** One page of records or groups. */
export async function queryRecords(
  deps: QueryParts,
  caller: Caller,
  scope: QueryScope,
  request: QueryRequest,
): Promise<Answer> {
  const at = deps.clock.now();
  checkNesting(request);
  const binding = cursorBinding(request, caller.questionVersion);
  const state = request.cursor === undefined ? null : decodeCursor(request.cursor, binding);
  const now = state?.now ?? at;
  const context = createContext(caller, scope, { now, ruleNow: at });
  const object = visibleObject(context, request.object, 'object');
  // First, so that its systems lead the answer's sources.
  context.touched.add(object);
  const rowsMax = pageSize(context, request.limit);
  const since = request.changed_since === undefined ? null : changedSince(request.changed_since, now);
  // One row more than the page tells whether there is another page.
  const plan = compile(context, object, request, { state, since, rows: rowsMax + 1 });
  const checksRows = request.require_fresh_access === true && caller.principal !== null;
  if (checksRows && !plan.isRecords) throw groupsUnchecked();
  awaitRights(deps, context);
  await waitUntilFresh(deps, context, context.streams, request.min_as_of);

  const lens = await deps.lens.read(caller.tenant, {
    sql: plan.sql,
    params: context.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [...context.streams],
  });
  refuseUnconverted(context, lens.rows);
  await deps.warnOfLeftOut(context, lens.freshness);
  const page = lens.rows.slice(0, rowsMax);
  const last = lens.rows.length > rowsMax ? page.at(-1) : undefined;
  const nextCursor = last === undefined ? null : encodeCursor({ keys: plan.keysOf(last), now }, binding);
  // On the first page: the later ones belong to the same list.
  const tellsDeleted = since !== null && state === null && plan.isRecords;
  const deleted = tellsDeleted ? await deletedRefs(deps, context, object, since) : null;
  const rows = checksRows ? await shownNow(deps, context, object, { rows: page, at: plan.columns.length - 1 }) : page;
  const answer = buildAnswer({
    context,
    lens,
    object: plan.isRecords ? object : null,
    columns: plan.columns,
    rows: rows.map(plan.rowOf),
    nextCursor,
    at,
  });
  return deleted === null ? answer : { ...answer, deleted };
}

/** Rows whose records the sources show at this moment; `at`: where a row names its record. */
async function shownNow(
  deps: QueryParts,
  context: CompileContext,
  object: VisibleObject,
  { rows, at }: { readonly rows: readonly (readonly Json[])[]; readonly at: number },
): Promise<readonly (readonly Json[])[]> {
  const named = rows.map((row) => ({ stream: streamId(Number(row[at])), id: row[at + 1] as string }));
  const shown = await stillShown(deps, context, object, named);
  if (shown.includes(false))
    context.warnings.add('Records that their source does not show the user any more are left out.');
  return rows.filter((_, index) => shown[index] === true);
}

const groupsUnchecked = (): GantryError =>
  new GantryError('query_shape_invalid', {
    message: 'Groups are no records, so that their source cannot be asked whether it shows them.',
    where: 'require_fresh_access',
    fix: 'Leave it out and mind `access_as_of`, or ask for the records.',
  });

function pageSize(context: CompileContext, asked: number | undefined): number {
  const most = Math.min(limits.queryRowsMax, context.caller.rowsMax);
  const wanted = asked ?? limits.queryRowsDefault;
  if (asked !== undefined && asked > most) context.warnings.add(`At most ${most} rows are given at a time.`);
  return Math.max(1, Math.min(most, Math.floor(wanted)));
}

/** A statement, and how its rows become answer rows and cursors. */
interface CompiledQuery {
  readonly sql: string;
  /** Rows are records of the object, with their `_ref` last. */
  readonly isRecords: boolean;
  readonly columns: readonly string[];
  readonly rowOf: (row: readonly Json[]) => readonly Json[];
  readonly keysOf: (row: readonly Json[]) => readonly (string | null)[];
}

function compile(
  context: CompileContext,
  object: CatalogueObject,
  request: QueryRequest,
  page: { readonly state: CursorState | null; readonly since: Date | null; readonly rows: number },
): CompiledQuery {
  if (request.measures !== undefined || request.group_by !== undefined) {
    const plan = planAggregate(context, object, request, page.since);
    const names = [...plan.groups, ...plan.measures].map((column) => column.name);
    return {
      sql: aggregatePlanSql(plan, { after: keysAfter(page.state, plan.keys.length), rows: page.rows }),
      isRecords: false,
      columns: names,
      rowOf: (row) => row.slice(0, names.length),
      keysOf: (row) => row.slice(names.length, names.length + plan.keys.length).map(asKey),
    };
  }
  const plan = planRecords(context, object, request, page.since);
  const names = plan.columns.map((column) => column.name);
  const reference = referenceOf(object);
  return {
    sql: recordsSql(plan, { after: keysAfter(page.state, plan.keys.length), rows: page.rows }),
    isRecords: true,
    columns: [...names, '_ref'],
    rowOf: (row) => [...row.slice(0, names.length), reference(row[names.length], row[names.length + 1])],
    keysOf: (row) => row.slice(names.length + 2, names.length + 2 + plan.keys.length).map(asKey),
  };
}

/** Keys are selected as text. */
function asKey(value: Json): string | null {
  if (value === null || typeof value === 'string') return value;
  throw new Error('a sort key did not come as text');
}
