import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { feeds, modelFields } from './catalogue.ts';
import type { TestData, TestRow } from './world.ts';

/**
 * What answers should be, worked out row by row in plain JavaScript from the
 * written rules of the filter language. Shares no code with what it checks.
 */
export interface Oracle {
  /** Records of a model that the caller sees, in the order of stream and id. */
  visible(model: string): OracleRow[];
  value(model: string, row: OracleRow, operand: Json): Json;
  passes(model: string, row: OracleRow, filter: Json): boolean;
}

export interface OracleRow {
  readonly ref: string;
  readonly row: TestRow;
}

const many: Readonly<Record<string, Readonly<Record<string, { model: string; via: string; on: string }>>>> = {
  account: {
    deals: { model: 'deal', via: 'account', on: 'crm_id' },
    tickets: { model: 'ticket', via: 'account', on: 'crm_id' },
  },
  user: { accounts: { model: 'account', via: 'owner', on: 'user_id' } },
};

const typeOf = (model: string, field: string): string =>
  modelFields[model]?.find(([name]) => name === field)?.[1] ?? 'string';

const referenceOf = (model: string, field: string) =>
  modelFields[model]?.find(([name]) => name === field)?.[2]?.reference ?? null;

/** What a user is shown of a record of a table; null: not the record. Without it, everything is. */
export type Shown = (table: string, row: TestRow) => TestRow | null;

/** `rules`: by model, the filter that limits its rows; they are over everything. `now` is for relative moments. */
export function oracleOf(
  data: TestData,
  rules: { readonly [model: string]: Json },
  now: Date,
  shown: Shown = (_, row) => row,
): Oracle {
  const everything = (model: string): OracleRow[] =>
    (feeds[model] ?? []).flatMap((table) =>
      (data[table] ?? [])
        .map((row) => ({ ref: `${table.replace('.', '/')}/${row._id}`, row }))
        .toSorted((a, b) => compareBytes(a.row._id, b.row._id)),
    );
  const rule: Reader = { rows: everything };
  const visibleRows = new Map<string, OracleRow[]>();
  const visible = (model: string): OracleRow[] => {
    const known = visibleRows.get(model);
    if (known !== undefined) return known;
    const own = rules[model];
    const rows = everything(model)
      .filter(({ row }) => own === undefined || passes(rule, model, row, own, now))
      .flatMap(({ ref, row }) => {
        const seen = shown(ref.slice(0, ref.lastIndexOf('/')).replace('/', '.'), row);
        return seen === null ? [] : [{ ref, row: seen }];
      });
    visibleRows.set(model, rows);
    return rows;
  };
  const caller: Reader = { rows: visible };
  return {
    visible,
    value: (model, { row }, operand) => valueOf(caller, model, row, operand, now).value,
    passes: (model, { row }, filter) => passes(caller, model, row, filter, now),
  };
}

interface Reader {
  rows(model: string): OracleRow[];
}

interface Value {
  readonly value: Json;
  readonly type: string;
}

function passes(reader: Reader, model: string, row: JsonObject, filter: Json, now: Date): boolean {
  const node = filter as JsonObject;
  if (Array.isArray(node['and'])) return (node['and'] as Json[]).every((part) => passes(reader, model, row, part, now));
  if (Array.isArray(node['or'])) return (node['or'] as Json[]).some((part) => passes(reader, model, row, part, now));
  if (node['not'] !== undefined) return !passes(reader, model, row, node['not'], now);
  const { value, type } = valueOf(reader, model, row, node['field'] ?? null, now);
  return compare(String(node['op']), value, type, node['value'] ?? null, now);
}

function compare(op: string, value: Json, type: string, wanted: Json, now: Date): boolean {
  if (op === 'is_null') return (value === null) === wanted;
  if (op === 'ne') return !compare('eq', value, type, wanted, now);
  if (value === null) return false;
  if (op === 'in' && type !== 'multi_enum') {
    return (wanted as Json[]).some((item) => compare('eq', value, type, item, now));
  }
  if (type === 'multi_enum') {
    const items = Array.isArray(wanted) ? wanted : [wanted];
    return items.some((item: Json) => (value as Json[]).includes(item));
  }
  if (op === 'contains') return String(value).toLowerCase().includes(String(wanted).toLowerCase());
  if (op === 'starts_with') return String(value).toLowerCase().startsWith(String(wanted).toLowerCase());
  const sign = order(value, type, wanted, now);
  return { eq: sign === 0, lt: sign < 0, lte: sign <= 0, gt: sign > 0, gte: sign >= 0 }[op] ?? false;
}

function order(value: Json, type: string, wanted: Json, now: Date): number {
  if (typeof value === 'number' && typeof wanted === 'number') return Math.sign(value - wanted);
  if (typeof value === 'boolean') return Number(value) - Number(wanted);
  let literal = String(wanted);
  if (typeof wanted === 'object' && wanted !== null) {
    const days = Number(/\d+/.exec(JSON.stringify(wanted))?.[0]) * ('ago' in wanted ? -1 : 1);
    literal = new Date(now.getTime() + days * 86_400_000).toISOString();
    if (type === 'date') literal = literal.slice(0, 10);
  }
  // A bare date against a moment means the whole day.
  if (type === 'datetime' && literal.length === 10) return compareBytes(String(value).slice(0, 10), literal);
  return compareBytes(String(value), literal);
}

export const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function valueOf(reader: Reader, model: string, row: JsonObject | null, operand: Json, now: Date): Value {
  if (typeof operand === 'string') return pathValue(reader, model, row, operand.split('.'));
  const measure = operand as JsonObject;
  const op = ['count', 'sum', 'avg', 'min', 'max'].find((name) => name in measure) ?? '';
  const names = String(measure[op]).split('.');
  const field = op === 'count' ? null : (names.pop() ?? '');
  const relationName = names.pop() ?? '';
  const holder = follow(reader, model, row, names);
  const relation = many[holder.model]?.[relationName];
  if (relation === undefined) throw new Error(`no relation ${relationName}`);
  const key = holder.row?.[relation.on] ?? null;
  const related = reader
    .rows(relation.model)
    .filter((item) => key !== null && item.row[relation.via] === key)
    .filter(
      (item) => measure['where'] === undefined || passes(reader, relation.model, item.row, measure['where'], now),
    );
  if (op === 'count' || field === null) return { value: related.length, type: 'integer' };
  const type = typeOf(relation.model, field);
  const values = related.map((item) => item.row[field] ?? null).filter((value) => value !== null);
  if (values.length === 0) return { value: null, type };
  if (op === 'sum') return { value: addUp(values as number[]), type };
  if (op === 'avg') return { value: addUp(values as number[]) / values.length, type };
  const sorted = values.toSorted((a, b) => order(a, type, b, now));
  return { value: (op === 'min' ? sorted[0] : sorted.at(-1)) ?? null, type };
}

/** Generated amounts have two digits, so hundredths add up exactly. */
export const addUp = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + Math.round(value * 100), 0) / 100;

function pathValue(reader: Reader, model: string, row: JsonObject | null, names: readonly string[]): Value {
  const holder = follow(reader, model, row, names.slice(0, -1));
  const field = names.at(-1) ?? '';
  return { value: holder.row?.[field] ?? null, type: typeOf(holder.model, field) };
}

function follow(
  reader: Reader,
  model: string,
  row: JsonObject | null,
  names: readonly string[],
): { model: string; row: JsonObject | null } {
  let here: { model: string; row: JsonObject | null } = { model, row };
  for (const name of names) {
    const reference = referenceOf(here.model, name);
    if (reference === null) throw new Error(`${name} is no reference`);
    const key = here.row?.[name] ?? null;
    const found = reader.rows(reference.to).find((item) => key !== null && item.row[reference.on] === key);
    here = { model: reference.to, row: found?.row ?? null };
  }
  return here;
}

/** Every field that these operands and filters name, with its model: also those that paths lead over. */
export function namesIn(model: string, parts: readonly Json[]): (readonly [model: string, field: string])[] {
  return parts.flatMap((part) => {
    if (typeof part === 'string') return pathNames(model, part.split('.'));
    const node = part as JsonObject;
    for (const key of ['and', 'or']) if (Array.isArray(node[key])) return namesIn(model, node[key] as Json[]);
    if (node['not'] !== undefined) return namesIn(model, [node['not']]);
    if (node['op'] !== undefined) return namesIn(model, [node['field'] ?? null]);
    return measureNames(model, node);
  });
}

function pathNames(model: string, names: readonly string[]): (readonly [string, string])[] {
  let here = model;
  return names.map((name) => {
    const at = [here, name] as const;
    here = referenceOf(here, name)?.to ?? '';
    return at;
  });
}

function measureNames(model: string, measure: JsonObject): (readonly [string, string])[] {
  const op = ['count', 'sum', 'avg', 'min', 'max'].find((name) => name in measure) ?? '';
  const names = String(measure[op]).split('.');
  const field = op === 'count' ? null : (names.pop() ?? '');
  const relationName = names.pop() ?? '';
  const steps = pathNames(model, names);
  const holder = names.reduce((here, name) => referenceOf(here, name)?.to ?? '', model);
  const relation = many[holder]?.[relationName];
  if (relation === undefined) throw new Error(`no relation ${relationName}`);
  return [
    ...steps,
    [holder, relation.on],
    [relation.model, relation.via],
    ...(field === null ? [] : [[relation.model, field] as const]),
    ...(measure['where'] === undefined ? [] : namesIn(relation.model, [measure['where']])),
  ];
}

/** By these keys; missing values come last in both directions. */
export function orderOf(
  oracle: Oracle,
  a: OracleRow,
  b: OracleRow,
  keys: readonly { readonly field: Json; readonly dir: 'asc' | 'desc' }[],
): number {
  for (const { field, dir } of keys) {
    const left = oracle.value('deal', a, field);
    const right = oracle.value('deal', b, field);
    if (left === right) continue;
    if (left === null || right === null) return left === null ? 1 : -1;
    const sign = typeof left === 'number' ? left - Number(right) : compareBytes(String(left), String(right));
    if (sign !== 0) return dir === 'asc' ? sign : -sign;
  }
  return 0;
}
