import type { ViewPart } from './catalogue.ts';
import { classesJoin, classesSql, type Reading } from './restrict/classes-sql.ts';
import { joinSql } from './restrict/join-sql.ts';
import { quoteName } from './sql-text.ts';

/** The records of all parts, one under the other. */
export const unionSelect = (
  parts: readonly ViewPart[],
  wanted: ReadonlySet<string> | null,
  reading: Reading = 'some',
): string => parts.map((part) => partSelect(part, wanted, reading)).join('\nunion all by name\n');

/** The records of one part; with `wanted`, of those columns only and without the joins that they do not need. */
export function partSelect(
  { from, columns, where, kept, classes = 'all' }: ViewPart,
  wanted: ReadonlySet<string> | null,
  reading: Reading = 'some',
): string {
  const used = columns.filter(({ name }) => wanted === null || wanted.has(name) || kept.includes(name));
  const selected = [
    't."_stream"',
    't."_id"',
    't."_at"',
    ...used.map(({ name, sql }) => `${sql} as ${quoteName(name)}`),
  ];
  const shown = reading === 'all' ? classesJoin('t."_acl"', classes) : null;
  const joins = [shown ?? [], ...used.map((column) => column.joins.map(joinSql))].flat();
  const conditions = [where ?? [], shown === null ? (classesSql('t."_acl"', classes) ?? []) : []].flat();
  const lines = [`from ${from} t`, ...joins, ...(conditions.length === 0 ? [] : [`where ${conditions.join(' and ')}`])];
  const select = `select ${selected.join(',\n  ')}\n${lines.join('\n')}`;
  if (kept.length === 0) return select;
  return `select * from (${select}) where ${kept.map((name) => `${quoteName(name)} is not null`).join(' and ')}`;
}
