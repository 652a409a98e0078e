import { parseConversion, parseFilter, parseMeasure, valueKindOf } from '../../filter/index.ts';
import { GantryError, isJsonObject, limits, type Json, type JsonObject } from '../../kernel/index.ts';
import type { CatalogueObject } from '../../mapping/index.ts';
import type { FieldType } from '../../schema/index.ts';
import { labelOf, tellingFields } from '../telling-fields.ts';
import type { QueryRequest } from '../types.ts';
import { changedSinceSql } from './changed-since.ts';
import { param, type CompileContext } from './context.ts';
import { convertSql, convertedType, unconvertedColumn, unconvertedSql } from './convert.ts';
import { columnSql, fromSql, openFrame, type Frame } from './frame.ts';
import { noPins, requireOneCurrency, type Pins } from './one-currency.ts';
import { filterPins, filterSql, operandSql } from './operand-sql.ts';
import { afterSql, keyTextSql, orderSql, type SortKey } from './order.ts';
import type { Typed } from './test-sql.ts';

export interface OutputColumn extends Typed {
  readonly name: string;
  /** Of free text and nested data, which may be long: how much of it an answer takes. Absent: all of it. */
  readonly shown?: (charsMax: number) => string;
}

/** A list of records: visible columns, then `_stream` and `_id`, then the sort keys as text. */
export interface RecordsPlan {
  readonly frame: Frame;
  readonly columns: readonly OutputColumn[];
  readonly keys: readonly SortKey[];
  readonly conditions: readonly string[];
}

/** Resolves every name of the request; what is left is text. */
export function planRecords(
  context: CompileContext,
  object: CatalogueObject,
  request: QueryRequest,
  since: Date | null,
): RecordsPlan {
  const frame = openFrame(context, 'caller', object);
  const columns = outputColumns(frame, request.fields ?? defaultFields(context, object));
  const conditions: string[] = [];
  const filter = request.filter === undefined ? null : parseFilter(request.filter, { where: 'filter' });
  if (filter !== null) conditions.push(filterSql(frame, filter, 'filter'));
  if (request.text !== undefined) conditions.push(textSql(frame, request.text));
  if (since !== null) conditions.push(changedSinceSql(context, frame, since));
  const pins = filter === null ? noPins : filterPins(frame, filter, 'filter');
  const keys = [...sortKeys(frame, columns, request.sort ?? [], pins), ...identityKeys(frame)];
  return { frame, columns, keys, conditions };
}

export function recordsSql(
  { frame, columns, keys, conditions }: RecordsPlan,
  page: { readonly after: readonly (string | null)[] | null; readonly rows: number },
): string {
  const { context, alias } = frame;
  const unconverted = unconvertedSql(frame, ['true', ...conditions].join(' and '));
  if (unconverted !== null) context.unconverted.push(unconverted);
  const where = page.after === null ? conditions : [...conditions, afterSql(context, keys, page.after)];
  const outputs = [
    ...columns.map((column, index) => `${shownSql(column, limits.cellCharsMax)} as c${index}`),
    `${alias}._stream as s`,
    `${alias}._id as i`,
    ...keys.map((key, index) => `${keyTextSql(key)} as k${index}`),
    ...unconvertedColumn(context),
  ];
  return [
    `select ${outputs.join(', ')}`,
    fromSql(frame),
    ...(where.length === 0 ? [] : [`where ${where.join(' and ')}`]),
    `order by ${orderSql(keys)}`,
    `limit ${page.rows}`,
  ].join('\n');
}

/** The most telling fields; a reference shows the label of what it points to. */
function defaultFields(context: CompileContext, object: CatalogueObject): string[] {
  return tellingFields(object)
    .slice(0, limits.queryColumnsDefault)
    .map((field) => {
      const target = field.reference === null ? undefined : context.caller.objects.get(field.reference.to);
      const label = target === undefined ? null : labelOf(target);
      return label === null ? field.name : `${field.name}.${label}`;
    });
}

export function outputColumns(frame: Frame, fields: readonly Json[]): OutputColumn[] {
  if (fields.length > limits.queryColumnsMax) {
    throw new GantryError('query_too_large', {
      message: `A query has at most ${limits.queryColumnsMax} fields; this one has ${fields.length}.`,
      where: 'fields',
    });
  }
  const columns = fields.map((field, index) => outputColumn(frame, field, `fields[${index}]`));
  return withoutRepeats(columns);
}

function outputColumn(frame: Frame, field: Json, where: string): OutputColumn {
  if (typeof field === 'string') return fieldColumn(frame, field, where);
  if (!isJsonObject(field)) {
    throw new GantryError('query_shape_invalid', {
      message: 'A field is a path such as "account.name", or a measure such as {"count": "tickets", "as": "n"}.',
      where,
    });
  }
  if ('convert' in field) return convertedColumn(frame, field, where);
  const measure = parseMeasure(field, { where, also: ['as'] });
  const path = measure.field === null ? measure.relation : `${measure.relation}.${measure.field}`;
  const name = outputName(field['as'], `${measure.measure}_${path.replaceAll('.', '_')}`, where);
  return { ...operandSql(frame, measure, where), name };
}

function fieldColumn(frame: Frame, path: string, where: string): OutputColumn {
  const operand = operandSql(frame, { kind: 'path', path }, where);
  const type = operand.source?.field.type ?? null;
  return { ...operand, name: path, ...(type === null ? {} : beginning(type, operand.sql)) };
}

/** Of a type whose values may be long. */
export function beginning(type: FieldType, sql: string): Pick<OutputColumn, 'shown'> {
  if (type === 'text') return { shown: (charsMax) => `left(${sql}, ${charsMax + 1})` };
  return type === 'json' ? { shown: (charsMax) => jsonStart(sql, charsMax + 1) } : {};
}

/** Nested data as it is where it is short, else the beginning of its text. */
function jsonStart(sql: string, chars: number): string {
  const text = `cast(${sql} as varchar)`;
  return `case when length(${text}) >= ${chars} then to_json(left(${text}, ${chars})) else ${sql} end`;
}

/** A column as an answer shows it: one character more than may be shown tells that there is more. */
export const shownSql = ({ sql, shown }: Pick<OutputColumn, 'sql' | 'shown'>, charsMax: number): string =>
  shown?.(charsMax) ?? sql;

/** `{"convert": "amount", "in": "EUR", "as": "eur"}`: each record's amount in one currency. */
function convertedColumn(frame: Frame, field: JsonObject, where: string): OutputColumn {
  const { convert: path } = field;
  const conversion = parseConversion(field, { where });
  const unknown = Object.keys(field).find((key) => !['convert', 'in', 'on', 'as'].includes(key));
  if (typeof path !== 'string' || conversion === null || unknown !== undefined) {
    throw new GantryError('query_shape_invalid', {
      message:
        'A converted amount is written {"convert": "amount", "in": "EUR", "as": "amount_eur"}; "on" names the field with the day.',
      where: unknown === undefined ? where : `${where}.${unknown}`,
    });
  }
  const name = outputName(field['as'], `${path.replaceAll('.', '_')}_${conversion.to.toLowerCase()}`, where);
  const { sql, about } = convertSql(frame, path, conversion, where);
  frame.context.conversions.set(name, about);
  return { ...convertedType, sql, name };
}

/** The `as` of a measure or bucket, or its own name. */
export function outputName(given: Json | undefined, otherwise: string, where: string): string {
  if (given === undefined) return otherwise;
  if (typeof given === 'string' && /^[\p{L}_][\p{L}\p{N}_]{0,62}$/u.test(given) && given !== '_ref') return given;
  throw new GantryError('query_shape_invalid', {
    message: '"as" is a name of letters, digits and underscores, at most 63 characters.',
    where: `${where}.as`,
  });
}

/** The same field twice is one column; two different ones of one name are a mistake. */
function withoutRepeats(columns: readonly OutputColumn[]): OutputColumn[] {
  const byName = new Map<string, OutputColumn>();
  for (const column of columns) {
    const earlier = byName.get(column.name);
    if (earlier !== undefined && earlier.sql !== column.sql) throw nameTaken(column.name, 'fields');
    byName.set(column.name, column);
  }
  return [...byName.values()];
}

export const nameTaken = (name: string, where: string): GantryError =>
  new GantryError('query_shape_invalid', {
    message: `Two columns are called "${name}".`,
    where,
    fix: 'Give one of them another name with "as".',
  });

function sortKeys(
  frame: Frame,
  columns: readonly OutputColumn[],
  sort: NonNullable<QueryRequest['sort']>,
  pins: Pins,
): SortKey[] {
  checkSortCount(sort.length);
  // Within one currency amounts have an order: sorted by currency, then by amount.
  const before = new Set(pins);
  return sort.map(({ field, dir }, index) => {
    const where = `sort[${index}].field`;
    const column = columns.find((output) => output.name === field) ?? outputColumn(frame, field, where);
    requireOneCurrency(column, before, where);
    before.add(column.sql);
    return sortKey(column, dir === 'desc', where);
  });
}

export function checkSortCount(count: number): void {
  if (count <= limits.querySortMax) return;
  throw new GantryError('query_too_large', {
    message: `A query sorts by at most ${limits.querySortMax} fields.`,
    where: 'sort',
  });
}

export function sortKey(column: OutputColumn, descending: boolean, where: string): SortKey {
  if (column.kind === 'json' || column.kind === 'list') {
    throw new GantryError('query_op_invalid', {
      message: `"${column.name}" has no order: it holds several values or nested data.`,
      where,
    });
  }
  // The last row's keys travel in the cursor, so that long text orders by its beginning.
  const sql = column.shown === undefined ? column.sql : `left(${column.sql}, ${limits.sortTextCharsMax})`;
  return { sql, kind: column.kind, whole: column.whole, descending };
}

/** Makes every order total. */
const identityKeys = (frame: Frame): SortKey[] => [
  { sql: `${frame.alias}._stream`, kind: 'number', whole: true, descending: false },
  { sql: `${frame.alias}._id`, kind: 'text', whole: false, descending: false },
];

/** Every word occurs in some text field of the record, whatever its case. */
export function textSql(frame: Frame, text: string): string {
  const words = text.split(/[\s\p{Cc}]+/u).filter((word) => word !== '');
  if (words.length > limits.queryWordsMax) {
    throw new GantryError('query_too_large', {
      message: `A search has at most ${limits.queryWordsMax} words.`,
      where: 'text',
    });
  }
  const columns = [...frame.object.fields.values()]
    .filter((field) => valueKindOf(field.type) === 'text' && field.type !== 'reference')
    .map((field) => columnSql(frame, field));
  if (columns.length === 0) return 'false';
  // A control character between the fields: no word contains one, so none can span two fields.
  const all = `lower(concat_ws(chr(31), ${columns.join(', ')}))`;
  const tests = words.map((word) => `contains(${all}, lower(cast(${param(frame.context, word)} as varchar)))`);
  return tests.length === 0 ? 'true' : `(${tests.join(' and ')})`;
}
