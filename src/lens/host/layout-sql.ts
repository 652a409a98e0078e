import type { StreamId } from '../../kernel/index.ts';
import type { LensColumn, LensLayout, LensTable, LensView } from '../../mapping/index.ts';
import { quoteName, quoteText } from './quote.ts';

export const relationName = (relation: { readonly schema: string; readonly name: string }): string =>
  `${quoteName(relation.schema)}.${quoteName(relation.name)}`;

/**
 * Ids stay as they are: to find one among 110k, DuckDB has to unpack them all
 * where they are compressed, which takes three times as long and saves an
 * eighth of the file (an index would make changing records three times as
 * slow, and the file a third larger).
 */
const createTable = (table: LensTable): string => {
  const columns = table.columns.map((column) => `, ${quoteName(column.name)} ${column.duckType}`);
  const id = '_id varchar using compression uncompressed';
  return `create table ${relationName(table)} (_stream integer, ${id}, _at timestamp, _acl integer${columns.join('')})`;
};

const createView = (view: LensView): string => `create view ${relationName(view)} as ${view.select}`;

export interface LayoutChange {
  /** Statements that lead from the old layout to the new one, in order; then come the views. */
  readonly statements: readonly string[];
  readonly views: readonly { readonly name: string; readonly statement: string }[];
  /** Streams whose tables are now empty and must be loaded. */
  readonly load: readonly StreamId[];
}

/** What to do to a file of layout `before` (null: empty file) so that it has layout `after`. */
export function changeLayout(before: LensLayout | null, after: LensLayout): LayoutChange {
  const old = before?.tables ?? [];
  const kept = after.tables.filter((table) => old.some((other) => sameTable(other, table)));
  const dropped = old.filter((table) => !kept.some((other) => sameTable(other, table)));
  const added = after.tables.filter((table) => !kept.includes(table));
  const derived = after.derived ?? [];
  const schemas = new Set([...added, ...after.views, ...derived].map(({ schema }) => schema));
  return {
    statements: [
      ...(before?.views ?? []).toReversed().map((view) => `drop view if exists ${relationName(view)}`),
      ...(before?.derived ?? []).flatMap(({ tables }) => tables.map((table) => `drop table ${table}`)),
      ...dropped.map((table) => `drop table ${relationName(table)}`),
      ...[...schemas].map((schema) => `create schema if not exists ${quoteName(schema)}`),
      ...added.map(createTable),
      // Filled when the write ends.
      ...derived.flatMap(({ create }) => create),
    ],
    views: after.views.map((view) => ({ name: view.name, statement: createView(view) })),
    load: added.map((table) => table.stream),
  };
}

function sameTable(a: LensTable, b: LensTable): boolean {
  return (
    a.stream === b.stream &&
    a.schema === b.schema &&
    a.name === b.name &&
    a.columns.length === b.columns.length &&
    a.columns.every((column, index) => sameColumn(column, b.columns[index]))
  );
}

const sameColumn = (a: LensColumn, b: LensColumn | undefined): boolean =>
  b !== undefined && a.name === b.name && a.key === b.key && a.duckType === b.duckType;

/**
 * `$1` ids, `$2` upstream times, `$3` documents, `$4` access classes. Documents are read once, as a
 * struct of texts, and each text is cast with TRY_CAST: a value that does not
 * fit is null and stops nobody (and, measured, this is faster than letting the
 * JSON reader build the types: 88k against 73k documents of 40 fields a second).
 */
export function insertRecords(table: LensTable): string {
  const values = table.columns.map((column) => `, ${typedValue(column, accessor(table, column))}`);
  return (
    `insert into ${relationName(table)} select ${table.stream}, id, try_cast(modified as timestamp), acl${values.join('')} ` +
    `from (select id, modified, acl, doc, ${struct(table)} as s from ` +
    `(select unnest($1::varchar[]) as id, unnest($2::varchar[]) as modified, unnest($3::varchar[]) as doc, unnest($4::integer[]) as acl))`
  );
}

/** `$1` documents. One column per fallible column of the table: how many values of it did not fit. Null where none can fail. */
export function countUnreadable(table: LensTable): string | null {
  const columns = fallibleColumns(table);
  if (columns.length === 0) return null;
  const counts = columns.map((column) => {
    const text = accessor(table, column);
    return `count(*) filter (where ${text} is not null and ${typedValue(column, text)} is null)`;
  });
  const parsed = `select doc, ${struct({ ...table, columns })} as s from (select unnest($1::varchar[]) as doc)`;
  return `select ${counts.join(', ')} from (${parsed})`;
}

export const fallibleColumns = (table: LensTable): readonly LensColumn[] =>
  table.columns.filter((column) => column.duckType !== 'VARCHAR' && column.duckType !== 'JSON');

export const deleteRecords = (table: LensTable): string =>
  `delete from ${relationName(table)} where _id in (select unnest($1::varchar[]))`;

function struct(table: LensTable): string {
  const structure: Record<string, string> = {};
  for (const column of table.columns) {
    if (!hasTwin(table, column)) structure[column.key] = column.duckType === 'JSON' ? 'JSON' : rawType(column);
  }
  // DuckDB refuses an empty struct; a key that no document has does no harm.
  if (Object.keys(structure).length === 0) structure['_'] = 'VARCHAR';
  return `from_json(doc, ${quoteText(JSON.stringify(structure))})`;
}

const rawType = (column: LensColumn): string => (column.duckType === 'VARCHAR[]' ? 'JSON' : 'VARCHAR');

/** Struct names fold case; a key that differs from another in case only is taken from the document by itself. */
function accessor(table: LensTable, column: LensColumn): string {
  if (!hasTwin(table, column)) return `s.${quoteName(column.key)}`;
  const pointer = quoteText(`/${column.key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  const raw = column.duckType === 'JSON' || column.duckType === 'VARCHAR[]';
  return raw ? `nullif(json_extract(doc, ${pointer}), 'null'::json)` : `json_extract_string(doc, ${pointer})`;
}

const hasTwin = (table: LensTable, column: LensColumn): boolean =>
  table.columns.some((other) => other.key !== column.key && other.key.toLowerCase() === column.key.toLowerCase());

function typedValue(column: LensColumn, text: string): string {
  if (column.duckType === 'VARCHAR' || column.duckType === 'JSON') return text;
  if (column.duckType === 'VARCHAR[]') return `from_json(${text}, '["VARCHAR"]')`;
  return `try_cast(${text} as ${column.duckType})`;
}
