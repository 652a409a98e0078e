import type { LensDerived, MergeView, ViewPart } from '../catalogue.ts';
import { decimalScale } from '../compile-parts.ts';
import { derivedTable } from '../derived/derived-table.ts';
import { feedSql } from '../derived/feed-sql.ts';
import { rewriteSql } from '../derived/rewrite-sql.ts';
import type { ModelDraft } from '../draft-models.ts';
import { duckTypeOf } from '../kind.ts';
import { quoteName } from '../sql-text.ts';
import { matchName, matchTable } from './match-name.ts';
import type { MatchSegment } from './plan-match.ts';

/**
 * The table that answers a match: values are made comparable when they change,
 * not when they are read. A record is found by its own value, and leads to the
 * row that it became. A value that several records have counts where they agree
 * on the answer. `parts` have the fields `by` and `on`, and those that decide
 * which records are in the model.
 */
export function lensMatch(
  match: MatchSegment,
  { model, branches }: ModelDraft,
  merge: MergeView | null,
  parts: readonly ViewPart[],
): LensDerived {
  const { step, key, on } = match;
  const target = matchTable(match);
  const keys = derivedTable(matchName(match), 'keys');
  const field = model.fields.get(on);
  if (field === undefined) throw new Error(`the match was planned, and ${model.name} has no ${on}`);
  const type = duckTypeOf(field.type, decimalScale(field, branches));
  const values = [key.sql(`r.${quoteName(step.by)}`), `r.${quoteName(on)}`];
  const pairs = merge === null ? `select k, v from ${keys}` : mergedPairs(keys, merge, on, parts.length);
  return {
    name: matchName(match),
    schema: '_derived',
    keys,
    tables: [keys, target],
    create: [
      `create table ${keys} (part integer, id varchar, k varchar, v ${type})`,
      `create table ${target} (k varchar, v ${type})`,
    ],
    feeds: parts.map((part, at) => feedSql(keys, part, { at, values, wanted: new Set([step.by, on]) })),
    reads: [...new Set(parts.flatMap((part) => part.columns.flatMap((column) => column.reads)))],
    follows: merge === null ? [] : [model.name],
    remake: rewriteSql(
      target,
      ['k', 'v'],
      `select k, min(v) as v from (${pairs}) where k is not null and v is not null group by k having min(v) = max(v)`,
    ),
  };
}

/** Each record's own value, and the answer of the row that it is part of. */
function mergedPairs(keys: string, { groups, order }: MergeView, on: string, parts: number): string {
  const fillers = order.get(on) ?? [];
  const answers = fillers.map((at) => `left join ${keys} a${at} on a${at}.part = ${at} and a${at}.id = g.p${at}`);
  const answer = `coalesce(${[...fillers.map((at) => `a${at}.v`), 'null'].join(', ')})`;
  const members = Array.from(
    { length: parts },
    (_, at) => `select ${at} as part, p${at} as id, v from rows where p${at} is not null`,
  );
  return (
    `with rows as materialized (select g.*, ${answer} as v from ${groups} g ${answers.join(' ')}), ` +
    `members as materialized (${members.join(' union all ')}) ` +
    `select x.k, case when m.id is null then x.v else m.v end as v ` +
    `from ${keys} x left join members m on m.part = x.part and m.id = x.id`
  );
}
