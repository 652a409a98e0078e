import type { LensDerived, ViewPart } from '../catalogue.ts';
import { feedSql } from '../derived/feed-sql.ts';
import type { ModelDraft } from '../draft-models.ts';
import { quoteName } from '../sql-text.ts';
import { groupSql } from './group-sql.ts';
import type { MergePlan } from './plan-merge.ts';

/** The groups of a merged model. `parts` have the columns of the keys, and those that decide which records are in the model. */
export function lensMerge(
  { model, branches }: ModelDraft,
  { keys, view }: MergePlan,
  parts: readonly ViewPart[],
): LensDerived {
  const table = view.keys;
  const connections = [...new Set(branches.map((branch) => branch.table.stream.connection))];
  const keyColumns = keys.map((_, at) => `k${at}`);
  const memberColumns = parts.map((_, at) => `p${at}`);
  const values = keys.map(({ field, stage }) => stage.sql(`r.${quoteName(field)}`));
  const wanted = new Set(keys.map((key) => key.field));
  const typed = (names: readonly string[]): string => names.map((name) => `${name} varchar`).join(', ');
  return {
    name: model.name,
    schema: '_derived',
    keys: table,
    tables: [table, view.groups],
    create: [
      `create table ${table} (part integer, conn integer, id varchar, ${typed(keyColumns)})`,
      `create table ${view.groups} (${typed(memberColumns)})`,
    ],
    feeds: parts.map((part, at) => {
      const connection = branches[at]?.table.stream.connection;
      const conn = connections.findIndex((each) => each === connection);
      return feedSql(table, part, { at, fixed: [String(conn)], values, wanted });
    }),
    reads: [...new Set(parts.flatMap((part) => part.columns.flatMap((column) => column.reads)))],
    follows: [],
    remake: groupSql({
      keys: table,
      groups: view.groups,
      keyColumns,
      memberColumns,
      connections: connections.length,
    }),
  };
}
