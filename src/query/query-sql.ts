import type { Caller, VisibleObject } from '../access/index.ts';
import type { Filter } from '../filter/index.ts';
import { limits, type StreamId } from '../kernel/index.ts';
import type { SessionRelation } from '../lens/index.ts';
import { buildAnswer } from './answer.ts';
import type { CompileContext, LookedUp } from './compile/context.ts';
import { createContext } from './compile/create-context.ts';
import { sourceSql } from './compile/frame.ts';
import type { QueryParts } from './deps.ts';
import { lookedUpAsking, lookedUpNow } from './rights/looked-up-now.ts';
import { theseRows, type RowsMeant } from './rights/related-shown-now.ts';
import { asksSources, LEFT_OUT, rowsShownNow } from './rights/rows-shown-now.ts';
import { awaitRights } from './rights/with-fresh-rights.ts';
import { awaitFields } from './rights/with-shown-fields.ts';
import { checkSql } from './sql/check-sql.ts';
import { sessionRelation, type ShownNow } from './sql/session-relations.ts';
import type { Answer, QueryScope, SqlRequest } from './types.ts';
import { waitUntilFresh } from './wait-until-fresh.ts';

/** An agent's SELECT over what the agent may see. Raises `sql_...` and what the lens raises. */
export async function querySql(
  deps: QueryParts,
  caller: Caller,
  scope: QueryScope,
  request: SqlRequest,
): Promise<Answer> {
  const at = deps.clock.now();
  const used = await checkSql(deps.lens, caller, request.sql);
  const context = createContext(caller, scope, { now: at, ruleNow: ruleTime(used.keys(), at) });
  const streams = new Set<StreamId>();
  // Each relation is a statement of its own, with parameters of its own.
  const alone = (): CompileContext => ({ ...context, params: [], streams });
  const whole = [...used.keys()].map((object) => sessionRelation(alone(), object));
  awaitRights(deps, context);
  awaitFields(
    deps,
    context,
    [...used].map(([object, columns]) => ({ object, columns })),
  );
  await waitUntilFresh(deps, context, streams, request.min_as_of);
  const checksRows = request.require_fresh_access === true && caller.principal !== null;
  const relations = checksRows ? await relationsShownNow(deps, used, alone) : whole;
  const rowsMax = Math.min(limits.sqlRowsMax, caller.rowsMax, request.limit ?? limits.sqlRowsMax);
  const lens = await deps.lens.readSql(caller.tenant, {
    sql: request.sql,
    params: [],
    timeoutMs: limits.sqlTimeoutMs,
    streams: [...streams],
    session: `${caller.agent}:${caller.accessVersion}${checksRows ? ':now' : ''}`,
    relations,
    rowsMax,
  });
  if (lens.cut) context.warnings.add(`Only the first ${rowsMax} rows are given; aggregate, filter or order and limit.`);
  await deps.warnOfLeftOut(context, lens.freshness);
  const columns = lens.columns.map((column) => column.name);
  return buildAnswer({
    context: { ...context, streams },
    lens,
    object: null,
    columns,
    rows: lens.rows,
    nextCursor: null,
    at,
  });
}

/**
 * Which records a statement looks at nobody can say before it has run: the
 * sources are asked about every record of the relations that it names, and
 * about every one in which the mapping of a column that it reads looks values up.
 */
async function relationsShownNow(
  deps: QueryParts,
  used: ReadonlyMap<VisibleObject, ReadonlySet<string>>,
  alone: () => CompileContext,
): Promise<SessionRelation[]> {
  const relations: SessionRelation[] = [];
  let left: number = limits.freshAccessRecordsMax;
  let lookedUp: LookedUp = new Map();
  for (const [object, columns] of used) {
    const context = alone();
    let rows: RowsMeant = () => 'true';
    let now: ShownNow | undefined;
    if (asksSources(object, context.caller)) {
      const source = sourceSql({ context, reach: 'caller' }, object, new Set());
      const select = (rowsMax: number): string =>
        `select v._stream, v._id from ${source} as v limit ${String(rowsMax)}`;
      const { asked, shown } = await rowsShownNow(deps, { context, object, select, most: left });
      left -= asked;
      if (shown.length < asked) context.warnings.add(LEFT_OUT);
      now = { only: shown };
      rows = theseRows(shown);
    }
    if (lookedUpAsking(object, columns, context).size > 0) {
      const answer = await lookedUpNow(deps, context, { object, columns, rows, known: lookedUp, most: left });
      left -= answer.asked;
      if (answer.leftOut) context.warnings.add(LEFT_OUT);
      ({ lookedUp } = answer);
      now = { ...now, lookedUp };
    }
    // The answer's objects are those of the statement, which it has touched.
    relations.push(sessionRelation({ ...alone(), touched: new Set() }, object, now));
  }
  return relations;
}

/**
 * Copies of restricted relations are kept between statements. One whose rule
 * speaks of time ("changed in the last 90 days") would be another at each
 * statement, so for rules time goes by the minute.
 */
function ruleTime(objects: Iterable<VisibleObject>, at: Date): Date {
  const timed = [...objects].some((object) => object.rowFilter !== null && usesTime(object.rowFilter));
  return timed ? new Date(Math.floor(at.getTime() / 60_000) * 60_000) : at;
}

// In a text of the rule the quotes would be escaped, so this finds the kind and nothing else.
const usesTime = (rule: Filter): boolean => JSON.stringify(rule).includes('"kind":"relative"');
