import type { CatalogueObject } from './catalogue.ts';
import { partSelect } from './part-select.ts';
import { quoteName, quoteText } from './sql-text.ts';

/**
 * Counts the records that a model leaves out as a fault (`on_missing: error`):
 * rows of stream, field and count; null for objects that leave none out so.
 * Records that are left out on purpose, by a filter or `skip`, do not count.
 */
export function leftOutSql({ parts = [] }: CatalogueObject): string | null {
  const counts = parts.flatMap((part) =>
    (part.faults ?? []).map((field) => {
      const kept = part.kept.filter((each) => part.faults?.includes(each) !== true);
      const records = partSelect({ ...part, kept }, new Set([field]));
      return (
        `select ${part.stream} as stream, ${quoteText(field)} as field, count(*) as records ` +
        `from (${records}) where ${quoteName(field)} is null`
      );
    }),
  );
  return counts.length === 0 ? null : counts.join('\nunion all\n');
}
