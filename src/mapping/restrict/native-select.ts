import type { CatalogueObject } from '../catalogue.ts';
import { quoteName } from '../sql-text.ts';
import { classesSql } from './classes-sql.ts';

/** The records of a native object that are shown; hidden columns among `wanted` are there, without values. */
export function nativeSelect(
  relation: string,
  { classes, masked }: NonNullable<CatalogueObject['native']>,
  wanted: ReadonlySet<string>,
): string {
  const hidden = [...wanted].filter((name) => masked.has(name)).map(quoteName);
  const columns = hidden.map((name) => `case when false then ${name} end as ${name}`);
  const condition = classesSql('"_acl"', classes);
  return [
    columns.length === 0 ? 'select *' : `select * replace (${columns.join(', ')})`,
    `from ${relation}`,
    ...(condition === null ? [] : [`where ${condition}`]),
  ].join(' ');
}
