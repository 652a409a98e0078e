import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { conditionOn, orderOf, quoted } from './condition.ts';
import type { Draw } from './draw.ts';
import { markOf } from './stage.ts';
import type { System } from './system.ts';
import { rowsOf, valueIn, type Shown, type Table } from './tables.ts';

/** A question, and what has to come of it over what the person is shown. */
export interface Question {
  readonly tool: 'query_records' | 'query_sql';
  readonly args: JsonObject;
  /** What it names: `[object, field]`. Where one of them is hidden, nothing may come but an error. */
  readonly names: readonly (readonly [object: string, field: string])[];
  /** Null: more than one answer holds. */
  readonly expected: (shown: (object: string) => Shown) => readonly (readonly Json[])[] | null;
  /** The order counts. */
  readonly ordered: boolean;
  /** What of a row of the answer is compared; all of it unless said. */
  readonly read?: (row: readonly Json[]) => readonly Json[];
}

export interface Making {
  readonly tables: ReadonlyMap<string, Table>;
  readonly draw: Draw;
}

const LIMIT = 200;

export type Kind = (making: Making) => Question;

export const tableOf = ({ tables }: Making, object: string): Table => {
  const table = tables.get(object);
  if (table === undefined) throw new Error(`no table ${object}`);
  return table;
};

/** Over one object. */
export const plainKinds: readonly Kind[] = [count, group, list, sqlCount, sqlGroup, sqlList];

/** One of all kinds, by chance, over one of the objects or two of them. */
export function nativeKinds(system: System): readonly Kind[] {
  const of = (kind: (system: System, making: Making) => Question): Kind => kind.bind(null, system);
  return [
    ...plainKinds,
    ...(Object.keys(system.marked).length > 0 ? [of(search)] : []),
    ...(system.joins.length > 0 ? [of(join), of(orphans)] : []),
  ];
}

function anyTable(making: Making): Table {
  return tableOf(making, making.draw.pick([...making.tables.values()].filter(({ rows }) => rows.size > 0)).object);
}

/** A condition on one of the tables. */
export function base(making: Making) {
  const table = anyTable(making);
  const condition = conditionOn(table, making.draw.pick(table.columns), making.draw);
  const names = [[table.object, condition.field]] as const;
  const rows = (shown: (object: string) => Shown) =>
    rowsOf(shown(table.object)).filter(([, row]) => condition.holds(row));
  return { table, condition, names, rows };
}

function count(making: Making): Question {
  const { table, condition, names, rows } = base(making);
  const args = { object: table.name, filter: condition.filter, measures: [{ count: '*' }] };
  return { tool: 'query_records', args, names, ordered: false, expected: (shown) => [[rows(shown).length]] };
}

function sqlCount(making: Making): Question {
  const { table, condition, names, rows } = base(making);
  const sql = `select count(*) as n from ${table.sql} a where ${condition.sql('a')}`;
  return { tool: 'query_sql', args: { sql }, names, ordered: false, expected: (shown) => [[rows(shown).length]] };
}

/** Values with few enough kinds for one answer. */
function groupField({ columns, rows }: Table, draw: Draw): string {
  const few = columns.filter((_, at) => new Set([...rows.values()].map((row) => row[at])).size < LIMIT);
  return draw.pick(few.length > 0 ? few : columns.slice(0, 1)).name;
}

const counted = (table: Table, rows: readonly (readonly [string, readonly Json[]])[], field: string): Json[][] => {
  const counts = new Map<Json, number>();
  for (const [, row] of rows) counts.set(valueIn(table, row, field), (counts.get(valueIn(table, row, field)) ?? 0) + 1);
  return [...counts].map(([value, n]) => [value, n]);
};

function group(making: Making): Question {
  const { table, condition, names, rows } = base(making);
  const field = groupField(table, making.draw);
  const args = {
    object: table.name,
    filter: condition.filter,
    group_by: [field],
    measures: [{ count: '*' }],
    limit: LIMIT,
  };
  return {
    tool: 'query_records',
    args,
    names: [...names, [table.object, field]],
    ordered: false,
    expected: (shown) => counted(table, rows(shown), field).slice(0, LIMIT),
  };
}

function sqlGroup(making: Making): Question {
  const { table, condition, names, rows } = base(making);
  const field = groupField(table, making.draw);
  const sql = `select a.${quoted(field)} as v, count(*) as n from ${table.sql} a where ${condition.sql('a')} group by 1`;
  return {
    tool: 'query_sql',
    args: { sql, limit: 1_000 },
    names: [...names, [table.object, field]],
    ordered: false,
    expected: (shown) => counted(table, rows(shown), field),
  };
}

/** The values that a list is sorted by, in their order: which of equals comes first is nobody's promise. */
function sortedValues(making: Making, limit: number) {
  const { table, condition, names, rows } = base(making);
  const field = making.draw.pick(table.columns).name;
  const down = making.draw.chance(50);
  const expected = (shown: (object: string) => Shown): Json[][] =>
    rows(shown)
      .map(([, row]) => valueIn(table, row, field))
      .toSorted((a, b) => (a === null || b === null || !down ? orderOf(a, b) : orderOf(b, a)))
      .slice(0, limit)
      .map((value) => [value]);
  return { table, condition, field, down, expected, names: [...names, [table.object, field] as const] };
}

function list(making: Making): Question {
  const limit = 1 + making.draw.below(LIMIT);
  const { table, condition, field, down, expected, names } = sortedValues(making, limit);
  const sort = [{ field, dir: down ? 'desc' : 'asc' }];
  const args = { object: table.name, filter: condition.filter, fields: [field], sort, limit };
  return { tool: 'query_records', args, names, ordered: true, expected };
}

function sqlList(making: Making): Question {
  const limit = 1 + making.draw.below(LIMIT);
  const { table, condition, field, down, expected, names } = sortedValues(making, limit);
  const sql = `select a.${quoted(field)} as v from ${table.sql} a where ${condition.sql('a')} order by 1 ${down ? 'desc' : 'asc'} nulls last limit ${String(limit)}`;
  return { tool: 'query_sql', args: { sql }, names, ordered: true, expected };
}

/** A word that stands in one field of one record. */
function search(system: System, making: Making): Question {
  const { draw } = making;
  const object = draw.pick(Object.keys(system.marked));
  const field = system.marked[object] ?? '';
  const table = tableOf(making, object);
  const marked = [...table.rows]
    .filter(([id, row]) => valueIn(table, row, field) === markOf(object, id))
    .map(([id]) => id);
  const id = draw.pick(marked);
  const args = { object: table.name, text: markOf(object, id), fields: [system.idField] };
  const expected = (shown: (name: string) => Shown): Json[][] => {
    const { ids, fields } = shown(object);
    const row = table.rows.get(id);
    return row !== undefined && ids.has(id) && fields.has(field) ? [[valueIn(table, row, system.idField)]] : [];
  };
  return { tool: 'query_records', args, names: [[object, system.idField]], ordered: false, expected };
}

function twoTables(system: System, making: Making) {
  const { draw } = making;
  const { from, field, to } = draw.pick(system.joins);
  const [left, right] = [tableOf(making, from), tableOf(making, to)];
  const names = [
    [from, field],
    [from, system.idField],
    [to, system.idField],
  ] as const;
  const on = `a.${quoted(field)} = b.${quoted(system.idField)}`;
  return { left, right, field, names, on };
}

function join(system: System, making: Making): Question {
  const { draw } = making;
  const { left, right, field, names, on } = twoTables(system, making);
  const taken = draw.pick(right.columns).name;
  const outer = draw.chance(50);
  const sql = `select a.${quoted(system.idField)} as l, b.${quoted(taken)} as r from ${left.sql} a ${outer ? 'left ' : ''}join ${right.sql} b on ${on}`;
  const expected = (shown: (object: string) => Shown): Json[][] => {
    const others = rowsOf(shown(right.object));
    return rowsOf(shown(left.object)).flatMap(([, row]) => {
      const key = valueIn(left, row, field);
      const found = others.filter(([, other]) => key !== null && valueIn(right, other, system.idField) === key);
      const id = valueIn(left, row, system.idField);
      return found.length > 0
        ? found.map(([, other]) => [id, valueIn(right, other, taken)])
        : outer
          ? [[id, null]]
          : [];
    });
  };
  return {
    tool: 'query_sql',
    args: { sql, limit: 1_000 },
    names: [...names, [right.object, taken]],
    ordered: false,
    expected,
  };
}

/** Records whose other end is not shown: hidden and missing look the same. */
function orphans(system: System, making: Making): Question {
  const { left, right, field, names, on } = twoTables(system, making);
  const sql = `select count(*) as n from ${left.sql} a where not exists (select 1 from ${right.sql} b where ${on})`;
  const expected = (shown: (object: string) => Shown): Json[][] => {
    const keys = new Set(rowsOf(shown(right.object)).map(([, row]) => valueIn(right, row, system.idField)));
    return [[rowsOf(shown(left.object)).filter(([, row]) => !keys.has(valueIn(left, row, field))).length]];
  };
  return { tool: 'query_sql', args: { sql }, names, ordered: false, expected };
}
