import type { Json } from '../../src/kernel/index.ts';
import { conditionOn, orderOf, quoted } from './condition.ts';
import type { Model } from './models.ts';
import { base, plainKinds, tableOf, type Kind, type Making, type Question } from './questions.ts';
import { rowsOf, valueIn, type Shown } from './tables.ts';

/** Over models: along references, over related rows, and whatever is asked of one object. */
export function modelKinds(models: readonly Model[]): readonly Kind[] {
  const references = models.flatMap((model) =>
    Object.entries(model.references).map(([field, to]): Reference => ({ from: model.name, field, to })),
  );
  const many = models.flatMap((model) =>
    Object.entries(model.many).map(([name, other]): Many => ({ of: model.name, name, ...other })),
  );
  return [
    ...plainKinds,
    ...(references.length > 0 ? [path, path, pathGroup, join].map((kind) => kind.bind(null, references)) : []),
    ...(many.length > 0 ? [related.bind(null, many)] : []),
  ];
}

interface Reference {
  readonly from: string;
  readonly field: string;
  readonly to: string;
}

interface Many {
  readonly of: string;
  readonly name: string;
  readonly model: string;
  readonly via: string;
}

type Row = readonly Json[];

const LIMIT = 200;

/** The value behind a reference, or nothing where what it leads to is not shown. */
function behind(target: Shown, taken: string): (key: Json) => Json {
  const byKey = new Map<Json, Json>();
  for (const [, row] of rowsOf(target)) {
    const key = valueIn(target.table, row, 'crm_id');
    if (key !== null && !byKey.has(key)) byKey.set(key, valueIn(target.table, row, taken));
  }
  return (key) => (key === null ? null : (byKey.get(key) ?? null));
}

function along(references: readonly Reference[], making: Making) {
  const { draw } = making;
  const { from, field, to } = draw.pick(references);
  const [left, right] = [tableOf(making, from), tableOf(making, to)];
  const [taken, tested] = [draw.pick(right.columns), draw.pick(right.columns)];
  const condition = conditionOn(right, tested, draw);
  const names: Question['names'] = [
    [from, field],
    [to, 'crm_id'],
    [to, taken.name],
    [to, condition.field],
  ];
  /** Rows whose other end the condition holds for, each with the value that is asked for. */
  const found = (shown: (object: string) => Shown): Json[] => {
    const target = shown(to);
    const [value, test] = [behind(target, taken.name), behind(target, condition.field)];
    const at = right.columns.findIndex(({ name }) => name === condition.field);
    return rowsOf(shown(from)).flatMap(([, row]) => {
      const key = valueIn(left, row, field);
      const other: Json[] = right.columns.map((_, place) => (place === at ? test(key) : null));
      return condition.holds(other) ? [value(key)] : [];
    });
  };
  const filter = Object.fromEntries(Object.entries(condition.filter).map(([name, test]) => [`${field}.${name}`, test]));
  return { left, right, field, taken: taken.name, names, found, filter };
}

/** A list of what is behind a reference, filtered and sorted by it. */
function path(references: readonly Reference[], making: Making): Question {
  const { left, field, taken, names, found, filter } = along(references, making);
  const limit = 1 + making.draw.below(LIMIT);
  const down = making.draw.chance(50);
  const asked = `${field}.${taken}`;
  const sort = [{ field: asked, dir: down ? 'desc' : 'asc' }];
  const order = (a: Json, b: Json): number => (a === null || b === null || !down ? orderOf(a, b) : orderOf(b, a));
  return {
    tool: 'query_records',
    args: { object: left.name, filter, fields: [asked], sort, limit },
    names,
    ordered: true,
    expected: (shown) =>
      found(shown)
        .toSorted(order)
        .slice(0, limit)
        .map((value) => [value]),
  };
}

function pathGroup(references: readonly Reference[], making: Making): Question {
  const { left, field, taken, names, found, filter } = along(references, making);
  const limit = LIMIT;
  const args = {
    object: left.name,
    filter,
    group_by: [`${field}.${taken}`],
    measures: [{ count: '*', as: 'n' }],
    sort: [{ field: 'n', dir: 'desc' }],
    limit,
  };
  return {
    tool: 'query_records',
    args,
    names,
    ordered: true,
    // Which of equal counts comes first is nobody's promise: the counts are compared.
    expected: (shown) => {
      const counts = new Map<Json, number>();
      for (const value of found(shown)) counts.set(value, (counts.get(value) ?? 0) + 1);
      return [...counts.values()]
        .toSorted((a, b) => b - a)
        .slice(0, limit)
        .map((n) => [n]);
    },
    read: (row) => row.slice(1),
  };
}

function join(references: readonly Reference[], making: Making): Question {
  const { draw } = making;
  const { from, field, to } = draw.pick(references);
  const [left, right] = [tableOf(making, from), tableOf(making, to)];
  const taken = draw.pick(right.columns).name;
  const { condition } = base({ ...making, tables: new Map([[from, left]]) });
  const sql = `select b.${quoted(taken)} as v, count(*) as n from ${left.sql} a join ${right.sql} b on a.${quoted(field)} = b."crm_id" where ${condition.sql('a')} group by 1`;
  return {
    tool: 'query_sql',
    args: { sql, limit: 1_000 },
    names: [
      [from, field],
      [from, condition.field],
      [to, 'crm_id'],
      [to, taken],
    ],
    ordered: false,
    expected: (shown) => {
      const others = new Map<Json, Row[]>();
      for (const [, row] of rowsOf(shown(to))) {
        const key = valueIn(right, row, 'crm_id');
        if (key !== null) others.set(key, [...(others.get(key) ?? []), row]);
      }
      const counts = new Map<Json, number>();
      for (const [, row] of rowsOf(shown(from))) {
        if (!condition.holds(row)) continue;
        for (const other of others.get(valueIn(left, row, field)) ?? []) {
          const value = valueIn(right, other, taken);
          counts.set(value, (counts.get(value) ?? 0) + 1);
        }
      }
      return counts.size > 1_000 ? null : [...counts].map(([value, n]) => [value, n]);
    },
  };
}

/** How many related rows each has, most first. */
function related(many: readonly Many[], making: Making): Question {
  const { of, name, model, via } = making.draw.pick(many);
  const [left, right] = [tableOf(making, of), tableOf(making, model)];
  const limit = 1 + making.draw.below(LIMIT);
  const measure = { count: name, as: 'n' };
  return {
    tool: 'query_records',
    args: { object: left.name, fields: [measure], sort: [{ field: { count: name }, dir: 'desc' }], limit },
    names: [
      [of, 'crm_id'],
      [model, via],
    ],
    ordered: true,
    expected: (shown) => {
      const counts = new Map<Json, number>();
      for (const [, row] of rowsOf(shown(model))) {
        const key = valueIn(right, row, via);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return rowsOf(shown(of))
        .map(([, row]) => valueIn(left, row, 'crm_id'))
        .map((key) => (key === null ? 0 : (counts.get(key) ?? 0)))
        .toSorted((a, b) => b - a)
        .slice(0, limit)
        .map((n) => [n]);
    },
  };
}
