import type { Caller } from '../access/index.ts';
import { limits, type Clock, type Json } from '../kernel/index.ts';
import type { Lens } from '../lens/index.ts';
import type { CatalogueObject } from '../mapping/index.ts';
import { buildAnswer } from './answer.ts';
import { checkNesting } from './check-nesting.ts';
import { aggregatePlanSql, planAggregate } from './compile/aggregate-plan.ts';
import type { CompileContext } from './compile/context.ts';
import { createContext } from './compile/create-context.ts';
import { planRecords, recordsSql } from './compile/records-sql.ts';
import { visibleObject } from './compile/resolve.ts';
import { cursorBinding, decodeCursor, encodeCursor, keysAfter, type CursorState } from './cursor.ts';
import { referenceOf } from './references.ts';
import type { Answer, QueryRequest, QueryScope } from './types.ts';

export interface QueryDeps {
  readonly lens: Lens;
  readonly clock: Clock;
}

/** One page of records or groups. */
export async function queryRecords(
  deps: QueryDeps,
  caller: Caller,
  scope: QueryScope,
  request: QueryRequest,
): Promise<Answer> {
  const at = deps.clock.now();
  checkNesting(request);
  const binding = cursorBinding(request, caller.accessVersion);
  const state = request.cursor === undefined ? null : decodeCursor(request.cursor, binding);
  const now = state?.now ?? at;
  const context = createContext(caller, scope, { now, ruleNow: at });
  const object = visibleObject(context, request.object, 'object');
  // First, so that its systems lead the answer's sources.
  context.touched.add(object);
  const rowsMax = pageSize(context, request.limit);
  // One row more than the page tells whether there is another page.
  const plan = compile(context, object, request, { state, rows: rowsMax + 1 });

  const lens = await deps.lens.read(caller.tenant, {
    sql: plan.sql,
    params: context.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [...context.streams],
  });
  const rows = lens.rows.slice(0, rowsMax);
  const last = lens.rows.length > rowsMax ? rows.at(-1) : undefined;
  const nextCursor = last === undefined ? null : encodeCursor({ keys: plan.keysOf(last), now }, binding);
  return buildAnswer({ context, lens, columns: plan.columns, rows: rows.map(plan.rowOf), nextCursor, at });
}

function pageSize(context: CompileContext, asked: number | undefined): number {
  const most = Math.min(limits.queryRowsMax, context.caller.rowsMax);
  const wanted = asked ?? limits.queryRowsDefault;
  if (asked !== undefined && asked > most) context.warnings.add(`At most ${most} rows are given at a time.`);
  return Math.max(1, Math.min(most, Math.floor(wanted)));
}

/** A statement, and how its rows become answer rows and cursors. */
interface CompiledQuery {
  readonly sql: string;
  readonly columns: readonly string[];
  readonly rowOf: (row: readonly Json[]) => readonly Json[];
  readonly keysOf: (row: readonly Json[]) => readonly (string | null)[];
}

function compile(
  context: CompileContext,
  object: CatalogueObject,
  request: QueryRequest,
  page: { readonly state: CursorState | null; readonly rows: number },
): CompiledQuery {
  if (request.measures !== undefined || request.group_by !== undefined) {
    const plan = planAggregate(context, object, request);
    const names = [...plan.groups, ...plan.measures].map((column) => column.name);
    return {
      sql: aggregatePlanSql(plan, { after: keysAfter(page.state, plan.keys.length), rows: page.rows }),
      columns: names,
      rowOf: (row) => row.slice(0, names.length),
      keysOf: (row) => row.slice(names.length).map(asKey),
    };
  }
  const plan = planRecords(context, object, request);
  const names = plan.columns.map((column) => column.name);
  const reference = referenceOf(object);
  return {
    sql: recordsSql(plan, { after: keysAfter(page.state, plan.keys.length), rows: page.rows }),
    columns: [...names, '_ref'],
    rowOf: (row) => [...row.slice(0, names.length), reference(row[names.length], row[names.length + 1])],
    keysOf: (row) => row.slice(names.length + 2).map(asKey),
  };
}

/** Keys are selected as text. */
function asKey(value: Json): string | null {
  if (value === null || typeof value === 'string') return value;
  throw new Error('a sort key did not come as text');
}
