import type { LookupJoin, ViewJoin } from '../catalogue.ts';
import { quoteList } from '../sql-text.ts';
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
  return lookupFrom(join);
}

/** The records among which a look-up finds its own. */
export function lookupFrom(join: LookupJoin): string {
  const condition = classesSql('"_acl"', join.classes ?? 'all');
  const only = join.only === undefined ? null : idsSql(join.only);
  const conditions = [condition ?? [], only ?? []].flat();
  return conditions.length === 0 ? join.from : `(select * from ${join.from} where ${conditions.join(' and ')})`;
}

const idsSql = (ids: readonly string[]): string => (ids.length === 0 ? 'false' : `"_id" in (${quoteList(ids)})`);
