import {
  measureOps,
  parseConversion,
  parseFilter,
  parseMeasure,
  type Comparison,
  type MeasureOp,
} from '../../filter/index.ts';
import { GantryError, isJsonObject, limits, suggest, type Json, type JsonObject } from '../../kernel/index.ts';
import type { CatalogueObject } from '../../mapping/index.ts';
import type { QueryRequest } from '../types.ts';
import { aggregateSql } from './aggregate-sql.ts';
import { conditionSql, type Resolved } from './condition-sql.ts';
import { changedSinceSql } from './changed-since.ts';
import type { CompileContext } from './context.ts';
import { convertSql, convertedType, unconvertedColumn, unconvertedSql } from './convert.ts';
import { fromSql, openFrame, type Frame } from './frame.ts';
import { noPins, requireOneCurrency, type Pins } from './one-currency.ts';
import { filterPins, filterSql, operandSql } from './operand-sql.ts';
import { afterSql, keyTextSql, orderSql, type SortKey } from './order.ts';
import { checkSortCount, nameTaken, outputName, sortKey, textSql, type OutputColumn } from './records-sql.ts';

/** Groups and measures of one object: an inner select that aggregates, an outer one that filters, sorts and pages. */
export interface AggregatePlan {
  readonly frame: Frame;
  readonly groups: readonly GroupColumn[];
  readonly measures: readonly OutputColumn[];
  readonly condition: string;
  readonly having: string;
  readonly keys: readonly SortKey[];
}

interface GroupColumn extends OutputColumn {
  readonly source: Resolved['source'];
}

export function planAggregate(
  context: CompileContext,
  object: CatalogueObject,
  request: QueryRequest,
  {
    since,
    only,
  }: {
    readonly since: Date | null;
    /** What else holds of each record that counts, over the relation of that alias. */
    readonly only?: (alias: string) => string;
  },
): AggregatePlan {
  if (request.fields !== undefined) {
    throw new GantryError('query_shape_invalid', {
      message: 'A query with measures gives groups, not records, so it has no "fields".',
      where: 'fields',
      fix: 'Put the fields to group by into "group_by".',
    });
  }
  const readsAll = [request.filter, request.text, since ?? undefined, only].every((limit) => limit === undefined);
  const frame = openFrame(context, 'caller', object, { readsAll });
  const filter = request.filter === undefined ? null : parseFilter(request.filter, { where: 'filter' });
  const pins = filter === null ? noPins : filterPins(frame, filter, 'filter');
  const groups = readGroups(frame, request.group_by ?? [], pins);
  const measures = readMeasures(frame, request.measures ?? [{ count: '*' }], { fixed: pins, groups });
  const names = [...groups, ...measures].map((column) => column.name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw nameTaken(repeated, 'measures');

  const conditions: string[] = [];
  if (filter !== null) conditions.push(filterSql(frame, filter, 'filter'));
  if (request.text !== undefined) conditions.push(textSql(frame, request.text));
  if (since !== null) conditions.push(changedSinceSql(context, frame, since));
  if (only !== undefined) conditions.push(only(frame.alias));
  const outer = outerColumns(groups, measures);
  return {
    frame,
    groups,
    measures,
    condition: conditions.length === 0 ? 'true' : conditions.join(' and '),
    having: request.having === undefined ? 'true' : havingSql(context, outer, request.having),
    keys: groupKeys(outer, groups.length, request.sort ?? []),
  };
}

export function aggregatePlanSql(
  { frame, groups, measures, condition, having, keys }: AggregatePlan,
  page: { readonly after: readonly (string | null)[] | null; readonly rows: number },
): string {
  const columns = [...groups, ...measures];
  const inner = [
    `select ${columns.map((column, index) => `${column.sql} as c${index}`).join(', ')}`,
    fromSql(frame),
    `where ${condition}`,
    ...(groups.length === 0 ? [] : [`group by ${groups.map((_, index) => index + 1).join(', ')}`]),
  ].join('\n');
  const unconverted = unconvertedSql(frame, condition);
  if (unconverted !== null) frame.context.unconverted.push(unconverted);
  const after = page.after === null ? 'true' : afterSql(frame.context, keys, page.after);
  const outputs = [
    ...columns.map((_, index) => `a.c${index}`),
    ...keys.map((key, index) => `${keyTextSql(key)} as k${index}`),
    ...unconvertedColumn(frame.context),
  ];
  return [
    `select ${outputs.join(', ')}`,
    `from (${inner}) as a`,
    `where ${having} and ${after}`,
    ...(keys.length === 0 ? [] : [`order by ${orderSql(keys)}`]),
    `limit ${page.rows}`,
  ].join('\n');
}

const buckets = ['year', 'quarter', 'month', 'week', 'day'] as const;

function readGroups(frame: Frame, groups: readonly Json[], pins: Pins): GroupColumn[] {
  limitCount(groups.length, limits.queryGroupsMax, 'group_by');
  const columns = groups.map((group, index): GroupColumn => {
    const where = `group_by[${index}]`;
    if (isJsonObject(group)) return bucketColumn(frame, group, where);
    const path = typeof group === 'string' ? group : refuseShape('A group is a field path.', where);
    const operand = operandSql(frame, { kind: 'path', path }, where);
    if (operand.kind === 'json' || operand.kind === 'list') {
      throw new GantryError('query_op_invalid', {
        message: `"${path}" holds several values or nested data, so it cannot be grouped by.`,
        where,
      });
    }
    return { ...operand, name: path };
  });
  // Equal numbers in different currencies are not one group.
  const fixed = new Set([...pins, ...columns.map(({ sql }) => sql)]);
  columns.forEach((column, index) => requireOneCurrency(column, fixed, `group_by[${index}]`));
  return columns;
}

/** `{"month": "close_date"}`: the first day of the span that the value lies in. */
function bucketColumn(frame: Frame, group: JsonObject, where: string): GroupColumn {
  const span = buckets.find((name) => name in group);
  const path = span === undefined ? undefined : group[span];
  if (span === undefined || typeof path !== 'string') {
    throw new GantryError('query_shape_invalid', {
      message: 'A date bucket is written {"month": "close_date"}.',
      where,
      allowed: buckets,
    });
  }
  const operand = operandSql(frame, { kind: 'path', path }, where);
  if (operand.kind !== 'date' && operand.kind !== 'datetime') {
    throw new GantryError('query_op_invalid', {
      message: `"${path}" is not a date, so it has no ${span}.`,
      where: `${where}.${span}`,
    });
  }
  return {
    name: outputName(group['as'], `${path.replaceAll('.', '_')}_${span}`, where),
    sql: `try_cast(date_trunc('${span}', ${operand.sql}) as date)`,
    kind: 'date',
    whole: false,
    source: null,
  };
}

/** What holds a currency at one value: for all groups, or within each. */
interface CurrencyPins {
  readonly fixed: Pins;
  readonly groups: readonly GroupColumn[];
}

function readMeasures(frame: Frame, measures: readonly Json[], pins: CurrencyPins): OutputColumn[] {
  limitCount(measures.length, limits.queryMeasuresMax, 'measures');
  return measures.map((measure, index) => {
    const where = `measures[${index}]`;
    if (!isJsonObject(measure)) return refuseShape('A measure is written {"sum": "amount", "as": "total"}.', where);
    return measureColumn(frame, measure, pins, where);
  });
}

/** `{"sum": "amount", "where": {..}, "as": "total"}`; the value may itself be a number over related records. */
function measureColumn(frame: Frame, measure: JsonObject, pins: CurrencyPins, where: string): OutputColumn {
  const op = measureOps.find((name) => name in measure);
  const unknown = Object.keys(measure).find((key) => key !== op && !['where', 'as', 'in', 'on'].includes(key));
  if (op === undefined || unknown !== undefined) {
    throw new GantryError('query_shape_invalid', {
      message: `A measure has one of ${measureOps.join(', ')}, and may have "where", "in", "on" and "as".`,
      where: unknown === undefined ? where : `${where}.${unknown}`,
      suggestions: suggest(unknown ?? '', [...measureOps, 'where', 'as']),
    });
  }
  const of = measure[op] ?? null;
  const only = measure['where'] === undefined ? null : parseFilter(measure['where'], { where: `${where}.where` });
  const fixed = only === null ? pins.fixed : new Set([...pins.fixed, ...filterPins(frame, only, `${where}.where`)]);
  const suffix = typeof of === 'string' && of !== '*' ? `_${of.replaceAll('.', '_')}` : '';
  const name = outputName(measure['as'], `${op}${suffix}`, where);
  const convert = parseConversion(measure, { where });
  const value =
    convert === null
      ? measured(frame, op, of, { ...pins, fixed }, `${where}.${op}`)
      : convertedMeasure(frame, { op, of, convert, name }, where);
  const condition = only === null ? '' : ` filter (where ${filterSql(frame, only, `${where}.where`)})`;
  return { ...value, sql: `${value.sql}${condition}`, name };
}

function convertedMeasure(
  frame: Frame,
  {
    op,
    of,
    convert,
    name,
  }: {
    readonly op: MeasureOp;
    readonly of: Json;
    readonly convert: NonNullable<ReturnType<typeof parseConversion>>;
    readonly name: string;
  },
  where: string,
): Omit<OutputColumn, 'name'> {
  if (op === 'count' || typeof of !== 'string') {
    return refuseShape('"in" converts the amounts of a field: {"sum": "amount", "in": "EUR"}.', `${where}.in`);
  }
  const { sql, about } = convertSql(frame, of, convert, where);
  frame.context.conversions.set(name, about);
  return { ...convertedType, sql: `${op}(${sql})` };
}

function measured(
  frame: Frame,
  op: MeasureOp,
  of: Json,
  pins: CurrencyPins,
  where: string,
): Omit<OutputColumn, 'name'> {
  if (op === 'count' && (of === '*' || of === true)) return aggregateSql('count', null, where);
  if (isJsonObject(of)) {
    const related = operandSql(frame, parseMeasure(of, { where, also: [] }), where);
    if (related.kind !== 'number') {
      throw new GantryError('query_op_invalid', { message: `"${op}" takes a number here.`, where });
    }
    return { sql: `${op}(${related.sql})`, kind: 'number', whole: op === 'count' };
  }
  if (typeof of !== 'string') return refuseShape(`"${op}" takes a field path.`, where);
  const operand = operandSql(frame, { kind: 'path', path: of }, where);
  if (operand.source === null) throw new Error('a path resolves to a field');
  const aggregated = aggregateSql(op, { sql: operand.sql, field: operand.source.field }, where);
  const { currency } = operand;
  if (op === 'count' || currency === undefined || currency.field === null) {
    if (op !== 'count') requireOneCurrency(operand, pins.fixed, where);
    return aggregated;
  }
  if (pins.fixed.has(currency.field.sql)) return aggregated;
  requireOneCurrency(operand, new Set(pins.groups.map(({ sql }) => sql)), where);
  // One currency within each group, but not from group to group.
  return { ...aggregated, currency };
}

/** The inner select's columns as the outer one sees them. */
function outerColumns(groups: readonly GroupColumn[], measures: readonly OutputColumn[]): GroupColumn[] {
  return [...groups, ...measures].map((column, index) => ({
    ...outerCurrency(column, groups),
    name: column.name,
    sql: `a.c${index}`,
    kind: column.kind,
    whole: column.whole,
    source: 'source' in column ? (column as GroupColumn).source : null,
  }));
}

function outerCurrency({ currency }: OutputColumn, groups: readonly GroupColumn[]): Pick<OutputColumn, 'currency'> {
  const at = groups.findIndex(({ sql }) => sql === currency?.field?.sql);
  if (currency === undefined || currency.field === null || at < 0) return {};
  return { currency: { ...currency, field: { ...currency.field, sql: `a.c${at}` } } };
}

function havingSql(context: CompileContext, columns: readonly GroupColumn[], having: Json): string {
  const resolve = (operand: Comparison['operand']): Resolved => {
    const name = operand.kind === 'path' ? operand.path : operand.relation;
    return { ...outerColumn(columns, name, `having: ${name}`), where: `having: ${name}` };
  };
  const filter = parseFilter(having, { where: 'having' });
  return conditionSql(context, filter, resolve, {
    negated: false,
    checkValues: true,
    now: context.now,
    pins: noPins,
  });
}

function groupKeys(
  columns: readonly GroupColumn[],
  groupCount: number,
  sort: NonNullable<QueryRequest['sort']>,
): SortKey[] {
  checkSortCount(sort.length);
  const before = new Set<string>();
  const asked = sort.map(({ field, dir }, index) => {
    const where = `sort[${index}].field`;
    const name = typeof field === 'string' ? field : refuseShape('Sort by the name of a group or measure.', where);
    const column = outerColumn(columns, name, where);
    requireOneCurrency(column, before, where);
    before.add(column.sql);
    return sortKey(column, dir === 'desc', where);
  });
  // Together the groups tell every row from every other.
  const ties = columns.slice(0, groupCount).map((column) => sortKey(column, false, 'group_by'));
  return [...asked, ...ties];
}

function outerColumn(columns: readonly GroupColumn[], name: string, where: string): GroupColumn {
  const column = columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = columns.map((candidate) => candidate.name);
  throw new GantryError('query_field_unknown', {
    message: `The answer has no group or measure "${name}".`,
    where,
    suggestions: suggest(name, names),
    allowed: names,
  });
}

function limitCount(count: number, most: number, where: string): void {
  if (count <= most) return;
  throw new GantryError('query_too_large', { message: `At most ${most} here; this request has ${count}.`, where });
}

function refuseShape(message: string, where: string): never {
  throw new GantryError('query_shape_invalid', { message, where });
}
