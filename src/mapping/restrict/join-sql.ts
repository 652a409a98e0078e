import type { ViewJoin } from '../catalogue.ts';
import { classesSql } from './classes-sql.ts';

/** A join of a view's column: for those who are shown some records only, over what they are shown. */
export function joinSql(join: ViewJoin): string {
  return `${join.before}${fromOf(join)}${join.after}`;
}

function fromOf(join: ViewJoin): string {
  const { from } = join;
  if (join.kind === 'match') {
    if (join.visible === undefined) return from;
    const { values, answers } = join.visible;
    return `(select d.k, d.v from ${from} d where d.k in (${values}) and d.v in (${answers}))`;
  }
  const condition = classesSql('"_acl"', join.classes ?? 'all');
  return condition === null ? from : `(select * from ${from} where ${condition})`;
}
