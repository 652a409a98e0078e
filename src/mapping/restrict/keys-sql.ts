import type { CatalogueObject } from '../catalogue.ts';
import { seenIds } from './seen-ids.ts';

/** What records of a merged object are recognised by (`MergeView.keys`), of records that are shown; `part` is the place among the object's parts. Null: it is not merged. */
export function keysFor({ parts = [], merge }: CatalogueObject): string | null {
  if (merge === undefined) return null;
  if (parts.every(({ member, classes = 'all' }) => member === undefined && classes === 'all')) return merge.keys;
  const columns = merge.by.map((_, at) => `x.k${at}`).join(', ');
  const selects = parts.map(
    (part, at) =>
      `select ${at} as part, ${columns} from ${merge.keys} x where x.part = ${part.member ?? at}${seenIds('x.id', part)}`,
  );
  return `(${selects.join(' union all ')})`;
}
