import type { VisibleObject } from '../../access/index.ts';
import { canonicalJson, GantryError, limits, type Json, type StreamId } from '../../kernel/index.ts';
import type { DocumentValues } from '../../mapping/index.ts';
import { shownReader } from '../rights/shown-reader.ts';
import { cutCell } from '../cells.ts';
import type { CompileContext } from '../compile/context.ts';
import type { QueryDeps } from '../deps.ts';
import type { RecordChange } from '../types.ts';
import { historyStart } from './keep.ts';
import { membersOf, rowReader, type RowMember } from './row-members.ts';

export interface HistoryRequest {
  readonly object: VisibleObject;
  readonly stream: StreamId;
  readonly id: string;
  /** Names of visible fields. */
  readonly fields: readonly string[];
  readonly count: number;
}

/**
 * Earlier states of a row that the caller may see now, as what changed when
 * each ended, whichever of its records changed; a change in nothing that the caller may see is none. Fields that
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
  const members = await membersOf(deps.lens, context, object, { stream, id });
  const pasts = await Promise.all(members.map((member) => pastOf(deps, context, object, member)));
  // Before the oldest version known of one record, what it said then is not known.
  const from = Math.max(...pasts.map(({ since }) => since));
  const endings = pasts
    .flatMap(({ earlier }, at) => earlier.map(({ read, endedAt }) => ({ at, read, endedAt })))
    .filter(({ endedAt }) => endedAt.getTime() >= from)
    .toSorted((a, b) => b.endedAt.getTime() - a.endedAt.getTime());
  const valuesOf = rowReader(object, members, fields);
  const state = pasts.map(({ current }) => current);
  const changes: RecordChange[] = [];
  const now = valuesOf(state);
  let after = now;
  for (const { at, read, endedAt } of endings) {
    state[at] = read;
    const before = valuesOf(state);
    const changed = differences(before, after, fields);
    if (Object.keys(changed).length > 0) changes.push({ at: endedAt.toISOString(), changed });
    if (changes.length === count) break;
    after = before;
  }
  const unknown = fields.filter((field) => !now.has(field));
  if (unknown.length > 0) {
    context.warnings.add(`The history leaves out ${unknown.join(', ')}: other records decide what is in there.`);
  }
  if (members.length > 1) {
    context.warnings.add('The history is that of the records which make up the row now, as if they always had.');
  }
  return changes;
}

interface RecordPast {
  readonly current: DocumentValues | null;
  /** Newest first. */
  readonly earlier: readonly { readonly read: DocumentValues; readonly endedAt: Date }[];
  /** From when on nothing is missing, in milliseconds. */
  readonly since: number;
}

async function pastOf(
  deps: QueryDeps,
  context: CompileContext,
  object: VisibleObject,
  { stream, id }: RowMember,
): Promise<RecordPast> {
  const whole = context.scope.documents.get(object.name)?.get(stream);
  if (whole === undefined) throw new Error(`no reader for documents of stream ${stream} as ${object.name}`);
  const reader = shownReader(object, stream, whole);
  const limit = limits.historyVersionsMax;
  const since = historyStart(context.scope, context.ruleNow);
  const { current, earlier } = await deps.past.versions(context.caller.tenant, { stream, id, since, limit });
  const oldest = earlier.length < limit ? undefined : earlier.at(-1);
  return {
    current: current === null ? null : reader(current),
    earlier: earlier.map(({ doc, endedAt }) => ({ read: reader(doc), endedAt })),
    since: oldest?.endedAt.getTime() ?? Number.NEGATIVE_INFINITY,
  };
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
