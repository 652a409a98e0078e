import type { VisibleObject } from '../../access/index.ts';
import { limits, streamId, type Json, type StreamId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import { sourcesFor, type DocumentValues } from '../../mapping/index.ts';
import { param, type CompileContext } from '../compile/context.ts';

/** A record that a row is made of. */
export interface RowMember {
  readonly stream: StreamId;
  readonly id: string;
}

/** The records of a row, as they make it up now; a row that is no merged one is its own. */
export async function membersOf(
  lens: Lens,
  context: CompileContext,
  object: VisibleObject,
  row: RowMember,
): Promise<readonly RowMember[]> {
  const sources = sourcesFor(object, []);
  if (sources === null) return [row];
  const own: CompileContext = { ...context, params: [] };
  const { rows } = await lens.read(context.caller.tenant, {
    sql:
      `select s._stream, s._id from ${sources} as s where s._row_stream = ${row.stream} ` +
      `and s._row_id = cast(${param(own, row.id)} as varchar)`,
    params: own.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [],
  });
  const members = rows.map(([stream, id]) => ({ stream: streamId(Number(stream)), id: id as string }));
  // It may have gone since it was read.
  return members.length === 0 ? [row] : members;
}

/**
 * Puts a row together from what its records say, by the rule of the lens
 * (mapping/merge): the first record that has a value decides. A field that a
 * record needs others for is absent: what those were then is not known.
 */
export function rowReader(
  { fields: visible, merge, parts = [] }: VisibleObject,
  members: readonly RowMember[],
  fields: readonly string[],
): (records: readonly (DocumentValues | null)[]) => ReadonlyMap<string, Json> {
  const partOf = new Map(parts.map(({ stream }, at) => [stream, at]));
  const memberAt = new Map(members.map(({ stream }, index) => [partOf.get(stream), index]));
  return (records) => {
    const row = new Map<string, Json>();
    for (const name of fields) {
      const order = merge?.order.get(visible.get(name)?.column ?? name);
      const deciding = order === undefined ? [0] : order.flatMap((part) => memberAt.get(part) ?? []);
      const said = deciding.flatMap((index) => records[index] ?? []);
      if (said.some(({ values }) => !values.has(name))) continue;
      const values = said.map((record) => record.values.get(name) ?? null).filter((value) => value !== null);
      const filled = merge?.emptied.has(visible.get(name)?.column ?? name) === true ? values.find(isFilled) : undefined;
      row.set(name, filled ?? values[0] ?? null);
    }
    return row;
  };
}

const isFilled = (value: Json): boolean =>
  typeof value === 'string' || Array.isArray(value) ? value.length > 0 : true;
