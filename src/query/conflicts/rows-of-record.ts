import type { VisibleObject } from '../../access/index.ts';
import { limits, streamId, type StreamId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import { quoteName, sourcesFor } from '../../mapping/index.ts';
import { param, type CompileContext } from '../compile/context.ts';
import { readReference } from '../references.ts';

export interface RowName {
  readonly stream: StreamId;
  readonly id: string;
}

/**
 * The rows of a merged object that a record went into which answers to that
 * id: a reference, a native id or the value of a field of type id. Whether the
 * caller may see the rows is not looked at here. Null where each record is a
 * row. Asked first and by itself: a row that is named can be picked out of the
 * tables, one that has to be found would have all rows put together.
 */
export async function rowsOfRecord(
  lens: Lens,
  context: CompileContext,
  object: VisibleObject,
  id: string,
  rowsMax: number,
): Promise<readonly RowName[] | null> {
  const keys = [...object.fields.values()].filter((field) => field.type === 'id').map((field) => field.column);
  const sources = sourcesFor(object, keys);
  if (sources === null) return null;
  const own: CompileContext = { ...context, params: [] };
  const { rows } = await lens.read(context.caller.tenant, {
    sql: `select distinct s._row_stream, s._row_id from ${sources} as s where ${recordSql(own, object, keys, id)} order by 1, 2 limit ${rowsMax}`,
    params: own.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [],
  });
  return rows.map(([stream, rowId]) => ({ stream: streamId(Number(stream)), id: rowId as string }));
}

function recordSql(context: CompileContext, object: VisibleObject, keys: readonly string[], id: string): string {
  const reference = readReference(object, id);
  if (reference !== null) {
    return `s._stream = ${reference.source.stream} and s._id = cast(${param(context, reference.id)} as varchar)`;
  }
  const value = `cast(${param(context, id)} as varchar)`;
  return ['_id', ...keys.map(quoteName)].map((column) => `s.${column} = ${value}`).join(' or ');
}
