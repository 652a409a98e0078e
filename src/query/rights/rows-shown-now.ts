import type { VisibleObject } from '../../access/index.ts';
import { GantryError, limits, streamId, type StreamId } from '../../kernel/index.ts';
import type { CompileContext } from '../compile/context.ts';
import type { QueryParts } from '../deps.ts';
import { stillShown, type AnswerRow } from './still-shown.ts';

/** The rows of an object that an answer may rest on, as a select of `_stream` and `_id`. */
export interface RowsToCheck {
  readonly context: CompileContext;
  readonly object: VisibleObject;
  /** Gives at most so many rows. */
  readonly select: (rowsMax: number) => string;
  /** How many may be asked about. */
  readonly most: number;
}

/**
 * Those of them that the sources show the principal at this moment. What is
 * not among them is then left out before anything is counted or joined. Raises
 * `fresh_access_too_many`, and `access_unknown` where a source cannot be asked.
 */
export async function rowsShownNow(
  deps: QueryParts,
  { context, object, select, most }: RowsToCheck,
): Promise<{ readonly asked: number; readonly shown: readonly AnswerRow[] }> {
  const { rows: found } = await deps.lens.read(context.caller.tenant, {
    sql: select(most + 1),
    params: context.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [],
  });
  if (found.length > most) throw tooMany(`records of ${object.name}`);
  const rows = found.map(([stream, id]): AnswerRow => ({ stream: streamId(Number(stream)), id: id as string }));
  const isShown = await stillShown(deps, context, object, rows);
  const shown = rows.filter((_, index) => isShown[index] === true);
  return { asked: rows.length, shown };
}

/** Whether a source has to be asked about the object at all: what rules of the project decide is known. */
export const asksSources = ({ sources }: VisibleObject, caller: CompileContext['caller']): boolean =>
  sources.some(({ stream }) => asksSource(stream, caller));

export function asksSource(stream: StreamId, { principal }: CompileContext['caller']): boolean {
  const rights = principal?.streams.get(stream);
  return rights?.kind === 'known' && rights.by !== 'rule' && rights.by !== 'everyone';
}

export const LEFT_OUT = 'Records that their source does not show the user any more are left out.';

export const tooMany = (records: string): GantryError =>
  new GantryError('fresh_access_too_many', {
    message: `The answer rests on more ${records} than sources can be asked about (${String(limits.freshAccessRecordsMax)} in all).`,
    where: 'require_fresh_access',
  });
