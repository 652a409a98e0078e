import type { CatalogueObject, ViewPart } from './catalogue.ts';
import { quoteName } from './sql-text.ts';

/** The SELECT of a model view; with `wanted`, of those columns only and without the joins that they do not need. */
export function viewSelect(parts: readonly ViewPart[], wanted: ReadonlySet<string> | null): string {
  return parts.map((part) => partSelect(part, wanted)).join('\nunion all by name\n');
}

/**
 * What to select from for these columns: the relation, or where a look-up can
 * be spared, a narrower SELECT in brackets. DuckDB keeps a left join even when
 * nothing of it is read, which costs several milliseconds over 300,000 records.
 */
export function relationFor(object: CatalogueObject, columns: Iterable<string>): string {
  const { parts = [] } = object;
  const wanted = new Set(columns);
  const spares = parts.some((part) =>
    part.columns.some(({ name, joins }) => joins.length > 0 && !wanted.has(name) && !part.kept.includes(name)),
  );
  return spares ? `(${viewSelect(parts, wanted)})` : object.relation;
}

function partSelect({ from, columns, where, kept }: ViewPart, wanted: ReadonlySet<string> | null): string {
  const used = columns.filter(({ name }) => wanted === null || wanted.has(name) || kept.includes(name));
  const selected = [
    't."_stream"',
    't."_id"',
    't."_at"',
    ...used.map(({ name, sql }) => `${sql} as ${quoteName(name)}`),
  ];
  const joins = used.flatMap((column) => column.joins);
  const lines = [`from ${from} t`, ...joins, ...(where === null ? [] : [`where ${where}`])];
  const select = `select ${selected.join(',\n  ')}\n${lines.join('\n')}`;
  if (kept.length === 0) return select;
  return `select * from (${select}) where ${kept.map((name) => `${quoteName(name)} is not null`).join(' and ')}`;
}
