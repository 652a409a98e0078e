import type { VisibleObject } from '../../access/index.ts';
import { limits, streamId, type StreamId } from '../../kernel/index.ts';
import { lookedUpBy, lookedUpSql, lookUpSteps } from '../../mapping/index.ts';
import type { CompileContext, LookedUp } from '../compile/context.ts';
import { openSource, visibleSql } from '../compile/frame.ts';
import { objectWith } from '../compile/looked-up-objects.ts';
import type { QueryParts } from '../deps.ts';
import type { RowsMeant } from './related-shown-now.ts';
import { asksSource, tooMany } from './rows-shown-now.ts';
import { cannotAsk } from './still-shown.ts';

/** The streams whose records these columns look up and whose source has to be asked, each with one of the object's own that does so. */
export function lookedUpAsking(
  object: VisibleObject,
  columns: ReadonlySet<string>,
  { caller }: CompileContext,
): ReadonlyMap<StreamId, StreamId> {
  return new Map([...lookedUpBy(object, columns)].filter(([stream]) => asksSource(stream, caller)));
}

export interface LookedUpRows {
  readonly object: VisibleObject;
  readonly columns: ReadonlySet<string>;
  readonly rows: RowsMeant;
  /** What was asked already: not again, and not counted again. */
  readonly known: LookedUp;
  /** How many more records may be asked about. */
  readonly most: number;
}

/**
 * What the sources show of the records behind these columns of these rows,
 * with what was known. A record that is found by what another one says is
 * asked about only where that one is shown. Raises `fresh_access_too_many`,
 * and `access_unknown` where a source cannot be asked.
 */
export async function lookedUpNow(
  deps: QueryParts,
  context: CompileContext,
  { object, columns, rows, known, most }: LookedUpRows,
): Promise<{ readonly lookedUp: LookedUp; readonly asked: number; readonly leftOut: boolean }> {
  const by = lookedUpAsking(object, columns, context);
  const streams = new Set(by.keys());
  // Also where nothing turns out to be looked up: what nobody was asked about is not found.
  const lookedUp = new Map([...known].map(([stream, told]) => [stream, new Map(told)]));
  for (const stream of streams) lookedUp.set(stream, lookedUp.get(stream) ?? new Map<string, boolean>());
  let asked = 0;
  let leftOut = false;
  for (let step = 0; step < (streams.size === 0 ? 0 : lookUpSteps(object, columns)); step += 1) {
    const own: CompileContext = { ...context, params: [], touched: new Set(), streams: new Set() };
    const rowsOf = openSource(own, 'v');
    const { alias } = rowsOf;
    const condition = rows(own, rowsOf);
    const source = visibleSql(own, objectWith(object, new Map()), rowsOf.columns);
    const sql = lookedUpSql(objectWith(object, lookedUp), {
      columns,
      step,
      streams,
      rows: `select ${alias}._stream, ${alias}._id from ${source} as ${alias} where ${condition}`,
    });
    if (sql === null) continue;
    const toldOf = [...streams].reduce((sum, stream) => sum + (lookedUp.get(stream)?.size ?? 0), 0);
    const { rows: found } = await deps.lens.read(context.caller.tenant, {
      sql: `select u._stream, u._id from (${sql}) as u order by 1, 2 limit ${String(toldOf + most - asked + 1)}`,
      params: own.params,
      timeoutMs: limits.queryTimeoutMs,
      streams: [],
    });
    const wanted = new Map<StreamId, string[]>();
    for (const [named, id] of found) {
      const stream = streamId(Number(named));
      if (lookedUp.get(stream)?.has(id as string) === true) continue;
      wanted.set(stream, [...(wanted.get(stream) ?? []), id as string]);
      asked += 1;
    }
    if (asked > most) throw tooMany(`records that ${object.name} looks up`);
    for (const [stream, ids] of wanted) {
      const shown = await deps.access?.visibleNow({ caller: context.caller, stream, ids });
      if (shown === undefined || shown === null) throw cannotAsk(object, by.get(stream) ?? stream);
      for (const id of ids) lookedUp.get(stream)?.set(id, shown.has(id));
      leftOut ||= ids.some((id) => !shown.has(id));
    }
  }
  return { lookedUp, asked, leftOut };
}
