import type { CatalogueObject } from './catalogue.ts';
import { quoteText } from './sql-text.ts';

/**
 * By each field that records of a merged object are recognised by, and each
 * part that has values there: how many of its records have one, and how many
 * of those share it with a record of another connection. Rows of field, stream
 * and the two counts; null for objects that are not merged.
 */
export function unmatchedSql({ parts = [], merge }: CatalogueObject): string | null {
  if (merge === undefined) return null;
  const streams = parts.map(({ stream }, at) => `when ${at} then ${stream}`).join(' ');
  return merge.by
    .map((field, at) => {
      const shared = `select k${at} from ${merge.keys} where k${at} is not null group by k${at} having count(distinct conn) > 1`;
      return (
        `select ${quoteText(field)} as field, case part ${streams} end as stream, count(*) as records, ` +
        `count(*) filter (where k${at} in (${shared})) as matched from ${merge.keys} where k${at} is not null group by part`
      );
    })
    .join('\nunion all\n');
}
