import type { MergeView, ViewPart } from '../catalogue.ts';
import { seenIds } from './seen-ids.ts';

/**
 * The groups of a merged model as these parts know them, with the columns `p0`,
 * `p1` ... In those before `head` only records that are shown are named: a row
 * begins with the first of its records that somebody can see.
 */
export function groupsSql(parts: readonly ViewPart[], { groups }: MergeView, head: number): string {
  if (parts.every((part, at) => (part.member ?? at) === at && (at >= head || isWhole(part)))) return groups;
  const columns = parts.map((part, at) => {
    const own = `o.p${part.member ?? at}`;
    return at >= head || isWhole(part)
      ? `${own} as p${at}`
      : `case when true${seenIds(own, part)} then ${own} end as p${at}`;
  });
  return `(select ${columns.join(', ')} from ${groups} o)`;
}

const isWhole = ({ classes = 'all' }: ViewPart): boolean => classes === 'all';
