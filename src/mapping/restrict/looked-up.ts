import type { StreamId } from '../../kernel/index.ts';
import type { CatalogueObject, LookupJoin, ViewColumn, ViewPart } from '../catalogue.ts';
import { sourcesFor } from '../view-select.ts';
import { joinSql, lookupFrom } from './join-sql.ts';
import { keptByTruth } from './restrict-parts.ts';

/** The streams whose records these columns look up, each with a stream of the object's own that does so. */
export function lookedUpBy(
  { parts = [] }: CatalogueObject,
  columns: ReadonlySet<string>,
): ReadonlyMap<StreamId, StreamId> {
  const found = new Map<StreamId, StreamId>();
  for (const { part, join } of lookUpsIn(parts, columns)) found.set(join.stream, part.stream);
  return found;
}

/** How many look-ups follow on each other in a column, at most. */
export function lookUpSteps({ parts = [] }: CatalogueObject, columns: ReadonlySet<string>): number {
  return Math.max(0, ...[...lookUpsIn(parts, columns)].map(({ step }) => step + 1));
}

/** What is to be found out of some rows of an object. */
export interface LookedUpRequest {
  readonly columns: ReadonlySet<string>;
  /** Which of the look-ups that follow on each other in a column. Those before it find what the object says they do. */
  readonly step: number;
  /** Streams that count. */
  readonly streams: ReadonlySet<StreamId>;
  /** SELECT of the rows, `_stream` and `_id`. */
  readonly rows: string;
}

/**
 * SELECTs of the records (`_stream`, `_id`) that may decide what the rows show
 * in these columns: whatever has the key, also where another record has it and
 * comes before. Null where nothing is looked up.
 */
export function lookedUpSql(object: CatalogueObject, { columns, step, streams, rows }: LookedUpRequest): string | null {
  const selects = [...lookUpsIn(object.parts ?? [], columns)].flatMap((lookUp) => {
    const { part, column, join } = lookUp;
    if (lookUp.step !== step || !streams.has(join.stream)) return [];
    const { only: _, ...every } = join;
    const before = column.joins.slice(0, step).map(joinSql);
    const values = [`select ${join.operand} from ${part.from} t`, ...before, `where t."_id" in (${recordsIn(part)})`];
    return `select ${join.stream} as "_stream", s."_id" from ${lookupFrom(every)} s where ${join.key} in (${values.join(' ')})`;
  });
  return selects.length === 0 ? null : [...new Set(selects)].join('\nunion\n');

  function recordsIn({ stream }: ViewPart): string {
    const records = sourcesFor(object, []);
    if (records === null) return `select r."_id" from (${rows}) r where r."_stream" = ${stream}`;
    return (
      `select x."_id" from ${records} x join (${rows}) r on r."_stream" = x."_row_stream" and r."_id" = x."_row_id" ` +
      `where x."_stream" = ${stream}`
    );
  }
}

function* lookUpsIn(
  parts: readonly ViewPart[],
  columns: ReadonlySet<string>,
): Generator<{
  readonly part: ViewPart;
  readonly column: ViewColumn;
  readonly join: LookupJoin;
  readonly step: number;
}> {
  for (const part of parts) {
    for (const column of part.columns) {
      if (!columns.has(column.name)) continue;
      for (const [step, join] of column.joins.entries()) {
        if (join.kind === 'lookup') yield { part, column, join, step };
      }
    }
  }
}

/**
 * The object where look-ups find of these streams' records only those, and the
 * columns that say something else for it; of other streams they find whatever
 * is shown. Null: nothing is different. Which records make it up is as before.
 */
export function onlyLookedUp(
  { parts = [] }: CatalogueObject,
  shown: ReadonlyMap<StreamId, readonly string[]>,
): { readonly parts: readonly ViewPart[]; readonly changed: ReadonlySet<string> } | null {
  const changed = new Set<string>();
  const own = parts.map((part) => {
    const columns = part.columns.map((column) => {
      const joins = column.joins.map((join) => (join.kind === 'lookup' ? onlyThese(join, shown) : join));
      if (joins.every((join, at) => join === column.joins[at])) return column;
      changed.add(column.name);
      return { ...column, joins };
    });
    if (columns.every((column, at) => column === part.columns[at])) return part;
    const differs = columns.some((column, at) => part.kept.includes(column.name) && column !== part.columns[at]);
    return differs ? keptByTruth({ ...part, columns }, part) : { ...part, columns };
  });
  if (changed.size === 0) return null;
  // Their number says that they are not what the view in the lens is made of.
  return { parts: own.map((part, at) => ({ ...part, member: part.member ?? at })), changed };
}

function onlyThese(join: LookupJoin, shown: ReadonlyMap<StreamId, readonly string[]>): LookupJoin {
  const only = shown.get(join.stream);
  if (only === join.only) return join;
  const { only: _, ...every } = join;
  return only === undefined ? every : { ...every, only };
}
