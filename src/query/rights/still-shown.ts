import type { VisibleObject } from '../../access/index.ts';
import { GantryError, limits, streamId, type Json, type StreamId } from '../../kernel/index.ts';
import { sourcesFor } from '../../mapping/index.ts';
import { param, type CompileContext } from '../compile/context.ts';
import type { QueryParts } from '../deps.ts';

/** Which record a row of an answer is. */
export interface AnswerRow {
  readonly stream: StreamId;
  readonly id: string;
}

/**
 * Which of these rows the sources show the principal now, asked at the sources
 * themselves: of a row that several records make up, all that the principal
 * was shown. Raises `access_unknown` where a source cannot be asked.
 */
export async function stillShown(
  deps: QueryParts,
  context: CompileContext,
  object: VisibleObject,
  rows: readonly AnswerRow[],
): Promise<readonly boolean[]> {
  const { caller } = context;
  const { principal } = caller;
  if (principal === null || rows.length === 0) return rows.map(() => true);
  const records = await recordsOf(deps, context, object, rows);
  const byStream = new Map<StreamId, Set<string>>();
  for (const { stream, id } of records.flat()) {
    const rights = principal.streams.get(stream);
    // What a rule of the tenant's says is not the source's to ask.
    if (rights?.kind === 'known' && (rights.by === 'rule' || rights.by === 'everyone')) continue;
    byStream.set(stream, (byStream.get(stream) ?? new Set()).add(id));
  }
  const hidden = new Set<string>();
  for (const [stream, ids] of byStream) {
    const shown = await deps.access?.visibleNow({ caller, stream, ids: [...ids] });
    if (shown === undefined || shown === null) throw cannotAsk(object, stream);
    for (const id of ids) if (!shown.has(id)) hidden.add(keyOf({ stream, id }));
  }
  return records.map((members) => members.every((record) => !hidden.has(keyOf(record))));
}

const keyOf = ({ stream, id }: AnswerRow): string => `${stream} ${id}`;

/** The visible records of each row. */
async function recordsOf(
  { lens }: QueryParts,
  context: CompileContext,
  object: VisibleObject,
  rows: readonly AnswerRow[],
): Promise<readonly (readonly AnswerRow[])[]> {
  const sources = sourcesFor(object, []);
  if (sources === null) return rows.map((row) => [row]);
  const own: CompileContext = { ...context, params: [] };
  const ids = param(
    own,
    rows.map(({ id }) => id),
  );
  const { rows: found } = await lens.read(context.caller.tenant, {
    sql: `select s._row_stream, s._row_id, s._stream, s._id from ${sources} as s where s._row_id in (select unnest(cast(${ids} as varchar[])))`,
    params: own.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [],
  });
  const members = new Map<string, AnswerRow[]>();
  const named = (stream: Json | undefined, id: Json | undefined): AnswerRow => ({
    stream: streamId(Number(stream)),
    id: id as string,
  });
  for (const [rowStream, rowId, stream, id] of found) {
    const key = keyOf(named(rowStream, rowId));
    members.set(key, [...(members.get(key) ?? []), named(stream, id)]);
  }
  // A row may have come to be another since it was read: then its own record has to do.
  return rows.map((row) => members.get(keyOf(row)) ?? [row]);
}

export function cannotAsk({ name, sources }: VisibleObject, stream: StreamId): GantryError {
  const slug = sources.find((source) => source.stream === stream)?.connectionSlug ?? name;
  return new GantryError('access_unknown', {
    message: `${slug} could not be asked what of ${name} the user may see at this moment.`,
    where: 'require_fresh_access',
    fix: 'Repeat in a moment; or leave out "require_fresh_access" and mind `access_as_of`.',
    data: { withheld: [{ connection: slug, object: name, reason: 'not_asked' }] },
  });
}
