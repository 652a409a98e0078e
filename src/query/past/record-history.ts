import type { VisibleObject } from '../../access/index.ts';
import { canonicalJson, GantryError, limits, type Json, type JsonObject, type StreamId } from '../../kernel/index.ts';
import { cutCell } from '../cells.ts';
import type { CompileContext } from '../compile/context.ts';
import type { QueryDeps } from '../deps.ts';
import type { RecordChange } from '../types.ts';
import { historyStart } from './keep.ts';

export interface HistoryRequest {
  readonly object: VisibleObject;
  readonly stream: StreamId;
  readonly id: string;
  /** Names of visible fields. */
  readonly fields: readonly string[];
  readonly count: number;
}

/**
 * Earlier states of a record that the caller may see now, as what changed when
 * each ended; a change in nothing that the caller may see is none. Fields that
 * other records decide are left out, since what those were then is not known.
 */
export async function recordHistory(
  deps: QueryDeps,
  context: CompileContext,
  { object, stream, id, fields, count }: HistoryRequest,
): Promise<RecordChange[]> {
  if (!Number.isInteger(count) || count < 1 || count > limits.historyMax) {
    throw new GantryError('query_value_invalid', {
      message: `"history" is a number of changes from 1 to ${limits.historyMax}.`,
      where: 'history',
    });
  }
  const reader = context.scope.documents.get(object.name)?.get(stream);
  if (reader === undefined) throw new Error(`no reader for documents of stream ${stream} as ${object.name}`);
  const { current, earlier } = await deps.past.versions(context.caller.tenant, {
    stream,
    id,
    since: historyStart(context.scope, context.ruleNow),
    limit: limits.historyVersionsMax,
  });
  const changes: RecordChange[] = [];
  const unknown = new Set<string>();
  const read = (doc: JsonObject): ReadonlyMap<string, Json> => {
    const { values } = reader(doc);
    for (const field of fields) if (!values.has(field)) unknown.add(field);
    return values;
  };
  let after = current === null ? new Map<string, Json>() : read(current);
  for (const { doc, endedAt } of earlier) {
    const before = read(doc);
    const changed = differences(before, after, fields);
    if (Object.keys(changed).length > 0) changes.push({ at: endedAt.toISOString(), changed });
    if (changes.length === count) break;
    after = before;
  }
  if (unknown.size > 0) {
    context.warnings.add(`The history leaves out ${[...unknown].join(', ')}: other records decide what is in there.`);
  }
  if (object.sources.length > 1 && context.scope.objects.get(object.name)?.merge !== undefined) {
    context.warnings.add('The history is that of the record under `_ref`, not of others that feed the same row.');
  }
  return changes;
}

function differences(
  before: ReadonlyMap<string, Json>,
  after: ReadonlyMap<string, Json>,
  fields: readonly string[],
): RecordChange['changed'] {
  const changed: [string, { from: Json; to: Json }][] = [];
  for (const field of fields) {
    if (!before.has(field)) continue;
    const [from, to] = [before.get(field) ?? null, after.get(field) ?? null];
    if (canonicalJson(from) !== canonicalJson(to)) changed.push([field, { from: cutCell(from), to: cutCell(to) }]);
  }
  return Object.fromEntries(changed);
}
