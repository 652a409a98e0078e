import type { Caller, VisibleObject } from '../access/index.ts';
import { GantryError, limits, type Json } from '../kernel/index.ts';
import type { CatalogueField, CatalogueObject } from '../mapping/index.ts';
import { buildAnswer } from './answer.ts';
import { param, type CompileContext } from './compile/context.ts';
import { createContext } from './compile/create-context.ts';
import { columnSql, fromSql, openFrame, type Frame } from './compile/frame.ts';
import { beginning, outputColumns, shownSql, type OutputColumn } from './compile/records-sql.ts';
import { visibleObject } from './compile/resolve.ts';
import { mergedRow } from './conflicts/merged-row.ts';
import { rowsOfRecord, type RowName } from './conflicts/rows-of-record.ts';
import type { QueryParts } from './deps.ts';
import { recordHistory } from './past/record-history.ts';
import { readReference, referenceOf, refPrefix } from './references.ts';
import {
  nothingRelated,
  relatedShownNow,
  restsOnOthers,
  theseRows,
  type RelatedShown,
} from './rights/related-shown-now.ts';
import { LEFT_OUT } from './rights/rows-shown-now.ts';
import { stillShown, type AnswerRow } from './rights/still-shown.ts';
import { awaitRights } from './rights/with-fresh-rights.ts';
import { awaitFields } from './rights/with-shown-fields.ts';
import { tellingFields } from './telling-fields.ts';
import type { Answer, GetRequest, QueryScope } from './types.ts';
import { waitUntilFresh } from './wait-until-fresh.ts';

/** One record, by reference, native id or the value of a field of type id. Raises `not_found`, `query_record_ambiguous`. */
export async function getRecord(
  deps: QueryParts,
  caller: Caller,
  scope: QueryScope,
  request: GetRequest,
  /** What sources were asked about already, of the records that its fields look up. */
  related: RelatedShown = nothingRelated,
): Promise<Answer> {
  const at = deps.clock.now();
  const context = createContext(caller, scope, { now: at, ruleNow: at, ...related });
  if (related.leftOut) context.warnings.add(LEFT_OUT);
  const object = visibleObject(context, request.object, 'object');
  const frame = openFrame(context, 'caller', object);
  const columns =
    request.fields === undefined
      ? tellingFields(object).map((field) => wholeColumn(frame, field))
      : outputColumns(frame, request.fields);
  // A value that is asked for alone comes whole.
  const cellCharsMax = request.fields?.length === 1 ? limits.valueCharsMax : limits.cellCharsMax;
  const identity = object.merge === undefined ? identitySql(frame, request.id) : null;
  const checksRows = request.require_fresh_access === true && caller.principal !== null;
  if (checksRows && identity === null) readKeys(frame, request.id);
  const outputs = [
    ...columns.map((column, index) => `${shownSql(column, cellCharsMax)} as c${index}`),
    `${frame.alias}._stream`,
    `${frame.alias}._id`,
  ];
  const from = fromSql(frame);
  awaitRights(deps, context);
  awaitFields(deps, context);
  await waitUntilFresh(deps, context, context.streams, request.min_as_of);
  const rows = identity === null ? await rowsOfRecord(deps.lens, context, object, request.id, CANDIDATES_MAX) : null;
  const condition = identity ?? rowsSql(frame, rows ?? []);
  const lens = await deps.lens.read(caller.tenant, {
    // In no order: to sort the one row, DuckDB would go through the table twice.
    sql: `select ${outputs.join(', ')}\n${from}\nwhere ${condition}\nlimit ${CANDIDATES_MAX}`,
    params: context.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [...context.streams],
  });
  const named = namedIn(lens.rows, object, columns.length);
  const shownNow = checksRows && named.length > 1 ? await shownOf(deps, context, object, named) : named;
  const { values: row, ref, record } = onlyOne(object, request.id, shownNow);
  // A whole record of a wide object is mostly empty: what was not asked for by name is left out then.
  const kept = columns.map((_, index) => index).filter((index) => request.fields !== undefined || row[index] !== null);
  const empty = columns.length - kept.length;
  if (empty > 0) context.warnings.add(`${empty} fields without a value are left out.`);
  const shown = kept.flatMap((index) => object.fields.get(columns[index]?.name ?? '') ?? []);
  const { stream, id } = record;
  if (checksRows && related === nothingRelated) {
    const found = await shownWithLookUps(deps, frame, object, record);
    if (found === null) throw notFound(object, request.id);
    if (restsOnOthers(context)) return getRecord(deps, caller, scope, request, found);
  }
  const merged = await mergedRow(deps.lens, context, { object, stream, id, fields: shown });
  const fields = [...object.fields.keys()].filter((name) => request.fields?.includes(name) !== false);
  const { history: count } = request;
  const history =
    count === undefined ? {} : { history: await recordHistory(deps, context, { object, stream, id, fields, count }) };
  const answer = buildAnswer({
    context,
    lens,
    object,
    cellCharsMax,
    columns: [...kept.map((index) => columns[index]?.name ?? ''), '_ref'],
    rows: [[...kept.map((index) => row[index] ?? null), ref]],
    nextCursor: null,
    at,
  });
  return { ...answer, ...history, ...merged };
}

/** A row of the answer, and which record it is. */
interface Named {
  readonly values: readonly Json[];
  readonly ref: string;
  readonly record: AnswerRow;
}

/** `from`: where stream and id stand in a row. */
function namedIn(rows: readonly (readonly Json[])[], object: VisibleObject, from: number): readonly Named[] {
  const reference = referenceOf(object);
  return rows.map((values) => {
    const ref = reference(values[from], values[from + 1]);
    const record = readReference(object, ref);
    if (record === null) throw new Error(`${ref} was made for ${object.name}`);
    return { values, ref, record: { stream: record.source.stream, id: record.id } };
  });
}

function onlyOne(object: VisibleObject, id: string, named: readonly Named[]): Named {
  const [only] = named;
  if (only === undefined) throw notFound(object, id);
  if (named.length === 1) return only;
  throw new GantryError('query_record_ambiguous', {
    message: `Several records of ${object.name} answer to that id.`,
    where: 'id',
    suggestions: named.map(({ ref }) => ref).toSorted(),
  });
}

/** One that its source shows no more is no other record that somebody could mean. */
async function shownOf(
  deps: QueryParts,
  context: CompileContext,
  object: VisibleObject,
  named: readonly Named[],
): Promise<readonly Named[]> {
  const records = named.map(({ record }) => record);
  const isShown = await stillShown(deps, context, object, records);
  return named.filter((_, at) => isShown[at]);
}

/** What the record's fields, or the mapping of them, look up, as its source shows it now; null where the record is not shown itself. */
async function shownWithLookUps(
  deps: QueryParts,
  { context, alias }: Frame,
  object: VisibleObject,
  record: AnswerRow,
): Promise<RelatedShown | null> {
  if (!(await stillShown(deps, context, object, [record]))[0]) return null;
  return relatedShownNow(deps, context, {
    from: alias,
    rows: theseRows([record]),
    most: limits.freshAccessRecordsMax,
  });
}

/** Without the warnings that naming a field brings: nobody named it. */
function wholeColumn(frame: Frame, field: CatalogueField): Pick<OutputColumn, 'name' | 'sql' | 'shown'> {
  const sql = columnSql(frame, field);
  return { name: field.name, sql, ...beginning(field.type, sql) };
}

/** Enough to tell one from several, and to name the several. */
const CANDIDATES_MAX = 5;

function identitySql(frame: Frame, id: string): string {
  const { context, object, alias } = frame;
  const reference = readReference(object, id);
  if (reference !== null) {
    return `${alias}._stream = ${reference.source.stream} and ${alias}._id = cast(${param(context, reference.id)} as varchar)`;
  }
  const value = `cast(${param(context, id)} as varchar)`;
  // A field that repeats the record's own id would only make DuckDB look at every row.
  const keys = [...object.fields.values()].filter((field) => field.type === 'id' && field.isOwnId !== true);
  return `(${[`${alias}._id`, ...keys.map((field) => columnSql(frame, field))].map((sql) => `${sql} = ${value}`).join(' or ')})`;
}

/** A value by which the row of a merged object is found is read as well: it may be looked up. */
function readKeys({ object, columns }: Frame, id: string): void {
  if (readReference(object, id) !== null) return;
  for (const { type, column } of object.fields.values()) if (type === 'id') columns.add(column);
}

function rowsSql({ context, alias }: Frame, rows: readonly RowName[]): string {
  const named = rows.map(
    ({ stream, id }) => `${alias}._stream = ${stream} and ${alias}._id = cast(${param(context, id)} as varchar)`,
  );
  return named.length === 0 ? 'false' : `(${named.join(' or ')})`;
}

function notFound(object: CatalogueObject, id: string): GantryError {
  return new GantryError('not_found', {
    message: `No record of ${object.name} that you may see has that id.`,
    where: 'id',
    fix:
      id.includes('/') && readReference(object, id) === null
        ? `References of ${object.name} start with ${object.sources.map(refPrefix).join(' or ')}.`
        : 'The record does not exist, or the user or agent may not see it: look for it with query_records, and take its `_ref` from there.',
  });
}
