import type { ViewPart } from '../catalogue.ts';
import { classesSql } from './classes-sql.ts';

/** A further condition: the id is that of a record of the part that is shown. Empty where all are. */
export function seenIds(id: string, { from, classes = 'all' }: ViewPart): string {
  const condition = classesSql('"_acl"', classes);
  return condition === null ? '' : ` and ${id} in (select "_id" from ${from} where ${condition})`;
}
