import type { StreamId } from '../kernel/index.ts';
import type { CatalogueObject, MergeView, ViewPart } from './catalogue.ts';
import { mergedSelect, sourcesSelect } from './merge/merged-select.ts';
import { unionSelect } from './part-select.ts';
import type { Reading } from './restrict/classes-sql.ts';
import { nativeSelect } from './restrict/native-select.ts';

/** The SELECT of a model view; with `wanted`, of those columns only and without the joins that they do not need. */
export function viewSelect(
  parts: readonly ViewPart[],
  merge: MergeView | null,
  wanted: ReadonlySet<string> | null,
): string {
  return merge === null ? unionSelect(parts, wanted) : mergedSelect(parts, merge, wanted);
}

/**
 * What to select from for these columns: the relation, or where a join can be
 * spared, a narrower SELECT in brackets. DuckDB keeps a left join even when
 * nothing of it is read, which costs several milliseconds over 300,000 records.
 */
export function relationFor(
  object: CatalogueObject,
  columns: Iterable<string>,
  /** How much of it the statement goes through. Says nothing of what it holds. */
  reading: Reading = 'some',
): string {
  const { parts = [], merge, native } = object;
  const wanted = new Set(columns);
  if (native !== undefined) return `(${nativeSelect(object.relation, native, wanted, reading)})`;
  if (merge !== undefined) return `(${mergedSelect(parts, merge, wanted)})`;
  const spares = parts.some(
    (part) =>
      part.member !== undefined ||
      part.columns.some(({ name, joins }) => joins.length > 0 && !wanted.has(name) && !part.kept.includes(name)),
  );
  return spares ? `(${unionSelect(parts, wanted, reading)})` : object.relation;
}

/**
 * The single records behind the rows of a merged object, in brackets:
 * `_row_stream` and `_row_id` name the row, `_stream` and `_id` the record,
 * whose own values the columns are. Null where each record is a row.
 */
export function sourcesFor({ parts = [], merge }: CatalogueObject, columns: Iterable<string>): string | null {
  return merge === undefined ? null : `(${sourcesSelect(parts, merge, new Set(columns))})`;
}

/** The streams that decide these columns: the object's own, and those that look-ups and matching read. */
export function streamsFor(
  { parts = [], sources, merge }: CatalogueObject,
  columns: ReadonlySet<string>,
): Set<StreamId> {
  const streams = new Set(sources.map((source) => source.stream));
  for (const part of parts) {
    const deciding = new Set([...columns, ...part.kept, ...(merge?.by ?? [])]);
    for (const { name, reads } of part.columns) {
      if (deciding.has(name)) for (const stream of reads) streams.add(stream);
    }
  }
  return streams;
}
