import type { CatalogueObject } from '../catalogue.ts';
import { quoteName } from '../sql-text.ts';
import { classesJoin, classesSql, type Reading } from './classes-sql.ts';

/** The records of a native object that are shown; hidden columns among `wanted` are there, without values. */
export function nativeSelect(
  relation: string,
  { classes, masked }: NonNullable<CatalogueObject['native']>,
  wanted: ReadonlySet<string>,
  reading: Reading,
): string {
  const hidden = [...wanted].filter((name) => masked.has(name)).map(quoteName);
  const columns = hidden.map((name) => `case when false then t.${name} end as ${name}`);
  const join = reading === 'all' ? classesJoin('t."_acl"', classes) : null;
  const condition = join === null ? classesSql('t."_acl"', classes) : null;
  return [
    columns.length === 0 ? 'select t.*' : `select t.* replace (${columns.join(', ')})`,
    `from ${relation} t`,
    ...(join === null ? [] : [join]),
    ...(condition === null ? [] : [`where ${condition}`]),
  ].join(' ');
}
