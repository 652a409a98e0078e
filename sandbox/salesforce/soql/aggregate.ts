import { isGroupable, type FieldDef } from '../schema/field.ts';
import type { OrderItem, Path, Query, SelectItem } from './ast.ts';
import type { BoundField } from './bind.ts';
import { comparable, sortOf, type Comparable } from './operand.ts';
import { external } from './render.ts';
import { SoqlError } from './soql-error.ts';

export type AggregateRow = Readonly<Record<string, unknown>>;
type Bind = (path: Path) => BoundField;
type AggregateItem = Extract<SelectItem, { kind: 'aggregate' }>;

/** GROUP BY and aggregate functions over the matching rows, ordered by ORDER BY or by the grouped fields. */
export function aggregate(query: Query, rows: readonly number[], bind: Bind): readonly AggregateRow[] {
  const keys = query.groupBy.map((path) => groupKey(path, query, bind));
  const columns = query.select.map((item, at) => column(item, at, query, bind));
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((field) => comparable(field.def, field.read(row))));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  // Without GROUP BY there is one row, even of nothing.
  if (keys.length === 0 && groups.size === 0) groups.set('[]', []);
  const order: readonly OrderItem[] =
    query.orderBy.length > 0
      ? query.orderBy
      : query.groupBy.map((path) => ({ path, descending: false, nulls: 'first' as const }));
  const sortKeys = order.map((item) => ({ item, read: orderValue(item, query, bind) }));
  return [...groups.values()]
    .map((group) => ({ group, keys: sortKeys.map(({ read }) => read(group)) }))
    .toSorted((a, b) => compareKeys(a.keys, b.keys, order))
    .map(({ group }) => ({
      attributes: { type: 'AggregateResult' },
      ...Object.fromEntries(columns.map(({ name, read }) => [name, read(group)])),
    }));
}

function groupKey(path: Path, query: Query, bind: Bind): BoundField {
  const field = bind(path);
  if (isGroupable(field.def)) return field;
  throw new SoqlError(
    'MALFORMED_QUERY',
    query.text,
    path.at,
    `field '${field.def.name}' can not be grouped in a query call`,
  );
}

function column(item: SelectItem, at: number, query: Query, bind: Bind) {
  if (item.kind === 'fields')
    throw new SoqlError('MALFORMED_QUERY', query.text, item.at, 'FIELDS is not supported with aggregates');
  if (item.kind === 'aggregate') {
    const unnamed = query.select
      .slice(0, at)
      .filter((other) => other.kind === 'aggregate' && other.alias === null).length;
    return { name: item.alias ?? `expr${unnamed}`, read: aggregateReader(item, query, bind) };
  }
  const wanted = item.path.parts.join('.').toLowerCase();
  if (!query.groupBy.some((path) => path.parts.join('.').toLowerCase() === wanted)) {
    throw new SoqlError(
      'MALFORMED_QUERY',
      query.text,
      item.at,
      `Field must be grouped or aggregated: ${item.path.parts.join('.')}`,
    );
  }
  const field = bind(item.path);
  const read = (group: readonly number[]): unknown => external(field.def, field.read(group[0] as number));
  return { name: item.alias ?? field.def.name, read };
}

function aggregateReader(item: AggregateItem, query: Query, bind: Bind): (group: readonly number[]) => unknown {
  const field = bind(item.path);
  const values = (group: readonly number[]): NonNullable<Comparable>[] =>
    group.map((row) => comparable(field.def, field.read(row))).filter((value) => value !== null);
  const numeric = item.name === 'sum' || item.name === 'avg';
  if (numeric && sortOf(field.def.type) !== 'number') {
    throw new SoqlError(
      'MALFORMED_QUERY',
      query.text,
      item.at,
      `field '${field.def.name}' does not support aggregate operator ${item.name.toUpperCase()}`,
    );
  }
  return (group) => {
    const found = values(group);
    switch (item.name) {
      case 'count':
        return found.length;
      case 'count_distinct':
        return new Set(found).size;
      case 'sum':
        return found.length === 0 ? null : roundCents(total(found));
      case 'avg':
        return found.length === 0 ? null : total(found) / found.length;
      case 'min':
        return found.length === 0 ? null : extreme(field.def, found, -1);
      case 'max':
        return found.length === 0 ? null : extreme(field.def, found, 1);
    }
  };
}

function total(values: readonly NonNullable<Comparable>[]): number {
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
}

/** Sums of decimals carry no binary dust. */
function roundCents(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function extreme(def: FieldDef, values: readonly NonNullable<Comparable>[], sign: 1 | -1): unknown {
  const best = values.reduce((a, b) => ((a < b ? -1 : 1) * sign >= 0 ? a : b));
  return external(def, best);
}

function orderValue(item: OrderItem, query: Query, bind: Bind): (group: readonly number[]) => Comparable {
  const name = item.path.parts.join('.').toLowerCase();
  const aliased = query.select.find(
    (one): one is AggregateItem => one.kind === 'aggregate' && one.alias?.toLowerCase() === name,
  );
  if (aliased !== undefined) {
    const read = aggregateReader(aliased, query, bind);
    return (group) => read(group) as Comparable;
  }
  const field = groupKey(item.path, query, bind);
  return (group) => comparable(field.def, field.read(group[0] as number));
}

function compareKeys(a: readonly Comparable[], b: readonly Comparable[], order: readonly OrderItem[]): number {
  for (const [at, item] of order.entries()) {
    const [left, right] = [a[at] ?? null, b[at] ?? null];
    if (left === right) continue;
    if (left === null || right === null) return (left === null) === (item.nulls === 'first') ? -1 : 1;
    return left < right === item.descending ? 1 : -1;
  }
  return 0;
}
