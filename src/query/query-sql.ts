import type { Caller, VisibleObject } from '../access/index.ts';
import type { Filter } from '../filter/index.ts';
import { limits, type StreamId } from '../kernel/index.ts';
import type { SessionRelation } from '../lens/index.ts';
import { buildAnswer } from './answer.ts';
import type { CompileContext } from './compile/context.ts';
import { createContext } from './compile/create-context.ts';
import type { QueryParts } from './deps.ts';
import { awaitRights } from './rights/with-fresh-rights.ts';
import { checkSql } from './sql/check-sql.ts';
import { sessionRelation } from './sql/session-relations.ts';
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
  const context = createContext(caller, scope, { now: at, ruleNow: ruleTime(used, at) });
  const streams = new Set<StreamId>();
  const relations: SessionRelation[] = [];
  for (const object of used) {
    // Each relation is a statement of its own, with parameters of its own.
    const own: CompileContext = { ...context, params: [], streams };
    relations.push(sessionRelation(own, object));
  }
  awaitRights(deps, context);
  await waitUntilFresh(deps, context, streams, request.min_as_of);
  const rowsMax = Math.min(limits.sqlRowsMax, caller.rowsMax, request.limit ?? limits.sqlRowsMax);
  const lens = await deps.lens.readSql(caller.tenant, {
    sql: request.sql,
    params: [],
    timeoutMs: limits.sqlTimeoutMs,
    streams: [...streams],
    session: `${caller.agent}:${caller.accessVersion}`,
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
 * Copies of restricted relations are kept between statements. One whose rule
 * speaks of time ("changed in the last 90 days") would be another at each
 * statement, so for rules time goes by the minute.
 */
function ruleTime(objects: ReadonlySet<VisibleObject>, at: Date): Date {
  const timed = [...objects].some((object) => object.rowFilter !== null && usesTime(object.rowFilter));
  return timed ? new Date(Math.floor(at.getTime() / 60_000) * 60_000) : at;
}

// In a text of the rule the quotes would be escaped, so this finds the kind and nothing else.
const usesTime = (rule: Filter): boolean => JSON.stringify(rule).includes('"kind":"relative"');
