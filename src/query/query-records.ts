import type { Caller, VisibleObject } from '../access/index.ts';
import { limits, streamId, type Json } from '../kernel/index.ts';
import type { CatalogueObject } from '../mapping/index.ts';
import { buildAnswer } from './answer.ts';
import { checkNesting } from './check-nesting.ts';
import { aggregatePlanSql, planAggregate } from './compile/aggregate-plan.ts';
import type { CompileContext } from './compile/context.ts';
import { changedSince } from './compile/changed-since.ts';
import { refuseUnconverted } from './compile/convert.ts';
import { createContext } from './compile/create-context.ts';
import { rowsCondition } from './compile/frame.ts';
import { planRecords, recordsSql } from './compile/records-sql.ts';
import { visibleObject } from './compile/resolve.ts';
import { cursorBinding, decodeCursor, encodeCursor, keysAfter, type CursorState } from './cursor.ts';
import type { QueryParts } from './deps.ts';
import { deletedRefs } from './past/deleted-refs.ts';
import { referenceOf } from './references.ts';
import {
  bothShown,
  nothingRelated,
  relatedShownNow,
  restsOnOthers,
  rowsBeforeLookUps,
  theseRows,
  type RelatedShown,
} from './rights/related-shown-now.ts';
import { LEFT_OUT, rowsShownNow } from './rights/rows-shown-now.ts';
import { stillShown, type AnswerRow } from './rights/still-shown.ts';
import { awaitRights } from './rights/with-fresh-rights.ts';
import { awaitFields } from './rights/with-shown-fields.ts';
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
  const since = request.changed_since === undefined ? null : changedSince(request.changed_since, now);
  const prepare = ({ only, related = nothingRelated, isPage = true }: ShownOnly = {}): Prepared => {
    const context = createContext(caller, scope, { now, ruleNow: at, ...related });
    if (related.leftOut) context.warnings.add(LEFT_OUT);
    const object = visibleObject(context, request.object, 'object');
    // First, so that its systems lead the answer's sources.
    context.touched.add(object);
    const rowsMax = pageSize(context, request.limit);
    // One row more than the page tells whether there is another page.
    const plan = compile(context, object, request, { state: isPage ? state : null, since, rows: rowsMax + 1, only });
    return { context, object, plan, rowsMax };
  };
  const asked = prepare();
  const checksRows = request.require_fresh_access === true && caller.principal !== null;
  awaitRights(deps, asked.context);
  awaitFields(deps, asked.context);
  await waitUntilFresh(deps, asked.context, asked.context.streams, request.min_as_of);
  const counted = checksRows && !asked.plan.isRecords ? await countedNow(deps, asked, request, since) : null;
  const deciding = !checksRows
    ? nothingRelated
    : counted === null
      ? await decidingNow(deps, asked, request)
      : counted.related;
  const prepared = checksRows ? prepare({ only: counted?.shown, related: deciding }) : asked;
  const { context, object, plan, rowsMax } = prepared;

  const lens = await readPrepared(deps, prepared);
  await deps.warnOfLeftOut(context, lens.freshness);
  const page = lens.rows.slice(0, rowsMax);
  const last = lens.rows.length > rowsMax ? page.at(-1) : undefined;
  const nextCursor = last === undefined ? null : encodeCursor({ keys: plan.keysOf(last), now }, binding);
  // On the first page: the later ones belong to the same list.
  const tellsDeleted = since !== null && state === null && plan.isRecords;
  const deleted = tellsDeleted ? await deletedRefs(deps, context, object, since) : null;
  const rows =
    checksRows && plan.isRecords
      ? await shownNow(deps, context, object, { rows: page, at: plan.columns.length - 1 })
      : page;
  const final: Final =
    checksRows && plan.isRecords && restsOnOthers(context)
      ? await lookedUpNow(deps, prepared, { rows, deciding, prepare })
      : { context, lens, plan, rows };
  const answer = buildAnswer({
    context: final.context,
    lens: final.lens,
    object: plan.isRecords ? object : null,
    columns: plan.columns,
    rows: final.rows.map(final.plan.rowOf),
    nextCursor,
    at,
  });
  return deleted === null ? answer : { ...answer, deleted };
}

async function readPrepared(deps: QueryParts, { context, plan }: Prepared): Promise<LensRows> {
  const lens = await deps.lens.read(context.caller.tenant, {
    sql: plan.sql,
    params: context.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [...context.streams],
  });
  refuseUnconverted(context, lens.rows);
  return lens;
}

/** The same rows, with what they look up and count as the sources show it at this moment. */
async function lookedUpNow(
  deps: QueryParts,
  { context, plan }: Prepared,
  {
    rows,
    deciding,
    prepare,
  }: {
    readonly rows: readonly (readonly Json[])[];
    readonly deciding: RelatedShown;
    readonly prepare: (only: ShownOnly) => Prepared;
  },
): Promise<Final> {
  const only = namedIn(rows, plan.columns.length - 1);
  const related = await relatedShownNow(deps, context, {
    from: plan.root,
    rows: theseRows(only),
    most: limits.freshAccessRecordsMax - deciding.asked,
  });
  const again = prepare({ only, related: bothShown(deciding, related), isPage: false });
  for (const warning of context.warnings) again.context.warnings.add(warning);
  const lens = await readPrepared(deps, again);
  return { context: again.context, lens, plan: again.plan, rows: lens.rows };
}

const namedIn = (rows: readonly (readonly Json[])[], at: number): AnswerRow[] =>
  rows.map((row) => ({ stream: streamId(Number(row[at])), id: row[at + 1] as string }));

/** What a list is searched, filtered and sorted by in other records than its own, before any row is told or left out for it. */
async function decidingNow(
  deps: QueryParts,
  { context, object }: Pick<Prepared, 'context' | 'object'>,
  { filter, text, sort, fields = [] }: Pick<QueryRequest, 'filter' | 'text' | 'sort' | 'fields'>,
): Promise<RelatedShown> {
  const own = createContext(context.caller, context.scope, context);
  const request = {
    object: object.name,
    // A sort may name a measure among the fields.
    fields: sort === undefined ? [] : fields.filter((field) => typeof field !== 'string'),
    ...(filter === undefined ? {} : { filter }),
    ...(text === undefined ? {} : { text }),
    ...(sort === undefined ? {} : { sort }),
  };
  const { frame } = planRecords(own, object, request, null);
  if (!restsOnOthers(own)) return nothingRelated;
  return relatedShownNow(deps, own, {
    from: frame.alias,
    rows: rowsBeforeLookUps(object, filter),
    most: limits.freshAccessRecordsMax,
  });
}

/** Rows whose records the sources show at this moment; `at`: where a row names its record. */
async function shownNow(
  deps: QueryParts,
  context: CompileContext,
  object: VisibleObject,
  { rows, at }: { readonly rows: readonly (readonly Json[])[]; readonly at: number },
): Promise<readonly (readonly Json[])[]> {
  const shown = await stillShown(deps, context, object, namedIn(rows, at));
  if (shown.includes(false)) context.warnings.add(LEFT_OUT);
  return rows.filter((_, index) => shown[index] === true);
}

/** The records that groups and measures are made of, and look up: of these, sources are asked before anything is counted. */
async function countedNow(
  deps: QueryParts,
  { context, object, plan: whole }: Prepared,
  { filter, text }: QueryRequest,
  since: Date | null,
): Promise<{ readonly shown: readonly AnswerRow[]; readonly related: RelatedShown }> {
  const conditions = { ...(filter === undefined ? {} : { filter }), ...(text === undefined ? {} : { text }) };
  const deciding = await decidingNow(deps, { context, object }, conditions);
  const { now, ruleNow } = context;
  const own = createContext(context.caller, context.scope, { now, ruleNow, ...deciding });
  const request = { object: object.name, fields: [], ...conditions };
  const plan = planRecords(own, object, request, since);
  const select = (rowsMax: number): string => recordsSql(plan, { after: null, rows: rowsMax });
  const most = limits.freshAccessRecordsMax - deciding.asked;
  const { asked, shown } = await rowsShownNow(deps, { context: own, object, select, most });
  const known = { ...context, lookedUp: deciding.lookedUp };
  const rows = theseRows(shown);
  const measured = await relatedShownNow(deps, known, { from: whole.root, rows, most: most - asked });
  const related = bothShown(deciding, measured);
  return { shown, related: { ...related, leftOut: related.leftOut || shown.length < asked } };
}

/** To what a question is narrowed, since sources show no more now. */
interface ShownOnly {
  readonly only?: readonly AnswerRow[] | undefined;
  readonly related?: RelatedShown;
  /** Absent: yes. Otherwise the rows of `only`, wherever the cursor stands. */
  readonly isPage?: boolean;
}

interface Final extends Pick<Prepared, 'context' | 'plan'> {
  readonly lens: LensRows;
  readonly rows: readonly (readonly Json[])[];
}

type LensRows = Awaited<ReturnType<QueryParts['lens']['read']>>;

/** A question, compiled. */
interface Prepared {
  readonly context: CompileContext;
  readonly object: VisibleObject;
  readonly plan: CompiledQuery;
  readonly rowsMax: number;
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
  /** Rows are records of the object, with their `_ref` last. */
  readonly isRecords: boolean;
  /** Alias of the relation that everything is looked up from. */
  readonly root: string;
  readonly columns: readonly string[];
  readonly rowOf: (row: readonly Json[]) => readonly Json[];
  readonly keysOf: (row: readonly Json[]) => readonly (string | null)[];
}

function compile(
  context: CompileContext,
  object: CatalogueObject,
  request: QueryRequest,
  page: {
    readonly state: CursorState | null;
    readonly since: Date | null;
    readonly rows: number;
    /** Only these records count; absent: all that are shown. */
    readonly only: readonly AnswerRow[] | undefined;
  },
): CompiledQuery {
  const { only } = page;
  if (request.measures !== undefined || request.group_by !== undefined) {
    const plan = planAggregate(context, object, request, {
      since: page.since,
      ...(only === undefined ? {} : { only: (alias: string) => rowsCondition(context, alias, only) }),
    });
    const names = [...plan.groups, ...plan.measures].map((column) => column.name);
    return {
      sql: aggregatePlanSql(plan, { after: keysAfter(page.state, plan.keys.length), rows: page.rows }),
      isRecords: false,
      root: plan.frame.alias,
      columns: names,
      rowOf: (row) => row.slice(0, names.length),
      keysOf: (row) => row.slice(names.length, names.length + plan.keys.length).map(asKey),
    };
  }
  const whole = planRecords(context, object, request, page.since);
  const plan =
    only === undefined
      ? whole
      : { ...whole, conditions: [...whole.conditions, rowsCondition(context, whole.frame.alias, only)] };
  const names = plan.columns.map((column) => column.name);
  const reference = referenceOf(object);
  return {
    sql: recordsSql(plan, { after: keysAfter(page.state, plan.keys.length), rows: page.rows }),
    isRecords: true,
    root: plan.frame.alias,
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
