import { measureOps, parseFilter, parseMeasure, type Comparison, type MeasureOp } from '../../filter/index.ts';
import { GantryError, isJsonObject, limits, suggest, type Json, type JsonObject } from '../../kernel/index.ts';
import type { CatalogueObject } from '../../mapping/index.ts';
import type { QueryRequest } from '../types.ts';
import { aggregateSql } from './aggregate-sql.ts';
import { conditionSql, type Resolved } from './condition-sql.ts';
import type { CompileContext } from './context.ts';
import { fromSql, openFrame, type Frame } from './frame.ts';
import { filterSql, operandSql } from './operand-sql.ts';
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

export function planAggregate(context: CompileContext, object: CatalogueObject, request: QueryRequest): AggregatePlan {
  if (request.fields !== undefined) {
    throw new GantryError('query_shape_invalid', {
      message: 'A query with measures gives groups, not records, so it has no "fields".',
      where: 'fields',
      fix: 'Put the fields to group by into "group_by".',
    });
  }
  const frame = openFrame(context, 'caller', object);
  const groups = readGroups(frame, request.group_by ?? []);
  const measures = readMeasures(frame, request.measures ?? [{ count: '*' }]);
  const names = [...groups, ...measures].map((column) => column.name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw nameTaken(repeated, 'measures');

  const conditions: string[] = [];
  if (request.filter !== undefined) {
    conditions.push(filterSql(frame, parseFilter(request.filter, { where: 'filter' }), 'filter'));
  }
  if (request.text !== undefined) conditions.push(textSql(frame, request.text));
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
  const after = page.after === null ? 'true' : afterSql(frame.context, keys, page.after);
  const outputs = [
    ...columns.map((_, index) => `a.c${index}`),
    ...keys.map((key, index) => `${keyTextSql(key)} as k${index}`),
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

function readGroups(frame: Frame, groups: readonly Json[]): GroupColumn[] {
  limitCount(groups.length, limits.queryGroupsMax, 'group_by');
  return groups.map((group, index) => {
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

function readMeasures(frame: Frame, measures: readonly Json[]): OutputColumn[] {
  limitCount(measures.length, limits.queryMeasuresMax, 'measures');
  return measures.map((measure, index) => {
    const where = `measures[${index}]`;
    if (!isJsonObject(measure)) return refuseShape('A measure is written {"sum": "amount", "as": "total"}.', where);
    return measureColumn(frame, measure, where);
  });
}

/** `{"sum": "amount", "where": {..}, "as": "total"}`; the value may itself be a number over related records. */
function measureColumn(frame: Frame, measure: JsonObject, where: string): OutputColumn {
  const op = measureOps.find((name) => name in measure);
  const unknown = Object.keys(measure).find((key) => key !== op && key !== 'where' && key !== 'as');
  if (op === undefined || unknown !== undefined) {
    throw new GantryError('query_shape_invalid', {
      message: `A measure has one of ${measureOps.join(', ')}, and may have "where" and "as".`,
      where: unknown === undefined ? where : `${where}.${unknown}`,
      suggestions: suggest(unknown ?? '', [...measureOps, 'where', 'as']),
    });
  }
  const of = measure[op] ?? null;
  const value = measured(frame, op, of, `${where}.${op}`);
  const condition =
    measure['where'] === undefined
      ? ''
      : ` filter (where ${filterSql(frame, parseFilter(measure['where'], { where: `${where}.where` }), `${where}.where`)})`;
  const suffix = typeof of === 'string' && of !== '*' ? `_${of.replaceAll('.', '_')}` : '';
  return { ...value, sql: `${value.sql}${condition}`, name: outputName(measure['as'], `${op}${suffix}`, where) };
}

function measured(frame: Frame, op: MeasureOp, of: Json, where: string): Omit<OutputColumn, 'name'> {
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
  return aggregateSql(op, { sql: operand.sql, field: operand.source.field }, where);
}

/** The inner select's columns as the outer one sees them. */
function outerColumns(groups: readonly GroupColumn[], measures: readonly OutputColumn[]): GroupColumn[] {
  return [...groups, ...measures].map((column, index) => ({
    name: column.name,
    sql: `a.c${index}`,
    kind: column.kind,
    whole: column.whole,
    source: 'source' in column ? (column as GroupColumn).source : null,
  }));
}

function havingSql(context: CompileContext, columns: readonly GroupColumn[], having: Json): string {
  const resolve = (operand: Comparison['operand']): Resolved => {
    const name = operand.kind === 'path' ? operand.path : operand.relation;
    return { ...outerColumn(columns, name, `having: ${name}`), where: `having: ${name}` };
  };
  const filter = parseFilter(having, { where: 'having' });
  return conditionSql(context, filter, resolve, { negated: false, checkValues: true, now: context.now });
}

function groupKeys(
  columns: readonly GroupColumn[],
  groupCount: number,
  sort: NonNullable<QueryRequest['sort']>,
): SortKey[] {
  checkSortCount(sort.length);
  const asked = sort.map(({ field, dir }, index) => {
    const where = `sort[${index}].field`;
    const name = typeof field === 'string' ? field : refuseShape('Sort by the name of a group or measure.', where);
    return sortKey(outerColumn(columns, name, where), dir === 'desc', where);
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
