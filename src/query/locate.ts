import type { Caller, VisibleObject } from '../access/index.ts';
import type { Filter } from '../filter/index.ts';
import { limits, streamId, type Json, type StreamId } from '../kernel/index.ts';
import { quoteName, sourcesFor } from '../mapping/index.ts';
import { param, type CompileContext } from './compile/context.ts';
import { createContext } from './compile/create-context.ts';
import { columnSql, fromSql, openFrame } from './compile/frame.ts';
import { visibleObject } from './compile/resolve.ts';
import type { QueryParts } from './deps.ts';
import { readReference } from './references.ts';
import { awaitRights } from './rights/with-fresh-rights.ts';
import type { QueryScope } from './types.ts';

/** Many records at once, by what people and agents call them, for whoever wants to write them. */
export interface LocateRequest {
  readonly object: string;
  /** `id`: references, native ids and values of fields of type id. `field`: values of a visible field, as text. */
  readonly by: { readonly kind: 'id' } | { readonly kind: 'field'; readonly field: string };
  readonly wanted: readonly string[];
  /** Visible fields that are read along. */
  readonly fields: readonly string[];
  /** Only these records, beside what the caller's own rules say: a rule of the tenant's, over everything there is. */
  readonly only?: Filter | null;
}

/** A row that answers to what was asked; several may answer to the same. */
export interface LocatedRecord {
  readonly asked: string;
  /** Equal for the same row. */
  readonly row: string;
  /** The records that the row is made of, of which the caller sees something; one, but for merged objects. */
  readonly members: readonly { readonly stream: StreamId; readonly id: string }[];
  readonly values: { readonly [field: string]: Json };
}

interface Row {
  readonly stream: StreamId;
  readonly id: string;
}

/**
 * The records that the caller may see of those asked for, in a fixed number of
 * statements however many they are. What is not there for the caller is absent.
 * Raises `query_object_unknown`, `access_unknown`, `access_rule_invalid`.
 */
export async function locateRecords(
  deps: QueryParts,
  asking: Caller,
  scope: QueryScope,
  request: LocateRequest,
): Promise<readonly LocatedRecord[]> {
  const at = deps.clock.now();
  const caller = narrowed(asking, request);
  const context = createContext(caller, scope, { now: at, ruleNow: at });
  const object = visibleObject(context, request.object, 'object');
  context.touched.add(object);
  awaitRights(deps, context);
  if (request.wanted.length === 0) return [];
  const isMerged = object.merge !== undefined;
  const named = isMerged && request.by.kind === 'id' ? await rowsNamed(deps, context, object, request.wanted) : null;
  const found = await visibleFound(deps, context, object, { ...request, named });
  const members = isMerged
    ? await membersOf(
        deps,
        context,
        object,
        found.map(({ row }) => row),
      )
    : null;
  return found.map(({ asked, row, values }) => ({
    asked,
    row: keyOf(row),
    members: members?.get(keyOf(row)) ?? [row],
    values,
  }));
}

const keyOf = ({ stream, id }: Row): string => `${String(stream)} ${id}`;

/** The caller as it would be if it saw these records only. */
function narrowed(caller: Caller, { object: name, only }: LocateRequest): Caller {
  const object = caller.objects.get(name);
  if (object === undefined || only === null || only === undefined) return caller;
  const rowFilter: Filter = object.rowFilter === null ? only : { kind: 'and', all: [object.rowFilter, only] };
  return { ...caller, objects: new Map([...caller.objects, [name, { ...object, rowFilter }]]) };
}

/** What names a record: its own id, and fields of type id. */
function nameTests(object: VisibleObject, wanted: readonly string[]) {
  const byStream = new Map<StreamId, string[]>();
  const plain: string[] = [];
  for (const asked of wanted) {
    const reference = readReference(object, asked);
    if (reference === null) plain.push(asked);
    else {
      const own = byStream.get(reference.source.stream) ?? [];
      own.push(reference.id);
      byStream.set(reference.source.stream, own);
    }
  }
  const keys = [...object.fields.values()].filter((field) => field.type === 'id' && field.isOwnId !== true);
  return { byStream, plain, keys };
}

const among = (context: CompileContext, sql: string, values: readonly string[]): string =>
  `${sql} in (select unnest(cast(${param(context, values)} as varchar[])))`;

function namesSql(
  context: CompileContext,
  tests: ReturnType<typeof nameTests>,
  sql: { readonly alias: string; readonly key: (column: string) => string },
): string {
  const { byStream, plain, keys } = tests;
  const parts = [...byStream].map(
    ([stream, ids]) => `(${sql.alias}._stream = ${String(stream)} and ${among(context, `${sql.alias}._id`, ids)})`,
  );
  if (plain.length > 0) {
    parts.push(among(context, `${sql.alias}._id`, plain));
    for (const { column } of keys) parts.push(among(context, `cast(${sql.key(column)} as varchar)`, plain));
  }
  return `(${parts.join(' or ')})`;
}

/** Which of the wanted names a record has. */
function askedBy(object: VisibleObject, wanted: readonly string[]): (row: Row, keys: readonly Json[]) => string[] {
  const plain = new Set<string>();
  const references = new Map<string, string[]>();
  for (const asked of wanted) {
    const reference = readReference(object, asked);
    if (reference === null) plain.add(asked);
    else {
      const key = keyOf({ stream: reference.source.stream, id: reference.id });
      references.set(key, [...(references.get(key) ?? []), asked]);
    }
  }
  return (row, keys) => [
    ...(references.get(keyOf(row)) ?? []),
    ...new Set([row.id, ...keys.filter((key) => key !== null).map(String)].filter((name) => plain.has(name))),
  ];
}

const rowAt = (values: readonly Json[], at: number): Row => ({
  stream: streamId(Number(values[at])),
  id: values[at + 1] as string,
});

/** Of a merged object: the rows that the named records went into, by key, with the names that led there. */
async function rowsNamed(
  { lens }: QueryParts,
  context: CompileContext,
  object: VisibleObject,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, { readonly row: Row; readonly asked: Set<string> }>> {
  const tests = nameTests(object, wanted);
  const columns = tests.keys.map(({ column }) => column);
  const own: CompileContext = { ...context, params: [] };
  const where = namesSql(own, tests, { alias: 's', key: (column) => `s.${quoteName(column)}` });
  const outputs = [
    's._row_stream',
    's._row_id',
    's._stream',
    's._id',
    ...columns.map((name) => `s.${quoteName(name)}`),
  ];
  const { rows } = await lens.read(context.caller.tenant, {
    sql: `select ${outputs.join(', ')} from ${sourcesFor(object, columns) ?? ''} as s where ${where}`,
    params: own.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [],
  });
  const namesOf = askedBy(object, wanted);
  const found = new Map<string, { readonly row: Row; readonly asked: Set<string> }>();
  for (const values of rows) {
    const row = rowAt(values, 0);
    const entry = found.get(keyOf(row)) ?? { row, asked: new Set<string>() };
    for (const name of namesOf(rowAt(values, 2), values.slice(4))) entry.asked.add(name);
    found.set(keyOf(row), entry);
  }
  return found;
}

interface Found {
  readonly asked: string;
  readonly row: Row;
  readonly values: { readonly [field: string]: Json };
}

/** The rows that the caller may see. */
async function visibleFound(
  { lens }: QueryParts,
  context: CompileContext,
  object: VisibleObject,
  { by, wanted, fields, named }: LocateRequest & { readonly named: Awaited<ReturnType<typeof rowsNamed>> | null },
): Promise<Found[]> {
  if (named?.size === 0) return [];
  const frame = openFrame(context, 'caller', object);
  const tests = nameTests(object, wanted);
  const matched = by.kind === 'field' ? object.fields.get(by.field) : undefined;
  const keys = by.kind === 'field' ? (matched === undefined ? [] : [matched]) : named === null ? tests.keys : [];
  const shown = fields.flatMap((name) => object.fields.get(name) ?? []);
  const keySql = keys.map((field) => `cast(${columnSql(frame, field)} as varchar)`);
  const outputs = [
    `${frame.alias}._stream`,
    `${frame.alias}._id`,
    ...keySql,
    ...shown.map((field) => columnSql(frame, field)),
  ];
  const from = fromSql(frame);
  const where =
    named !== null
      ? rowsSql(
          context,
          frame.alias,
          [...named.values()].map(({ row }) => row),
        )
      : by.kind === 'field'
        ? among(context, keySql[0] ?? 'null', wanted)
        : namesSql(context, tests, { alias: frame.alias, key: (column) => `${frame.alias}.${quoteName(column)}` });
  const { rows } = await lens.read(context.caller.tenant, {
    sql: `select ${outputs.join(', ')}\n${from}\nwhere ${where}`,
    params: context.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [...context.streams],
  });
  const namesOf = askedBy(object, wanted);
  return rows.flatMap((cells) => {
    const row = rowAt(cells, 0);
    const found = cells.slice(2, 2 + keys.length);
    const asked =
      by.kind === 'field'
        ? found.map(String)
        : named === null
          ? namesOf(row, found)
          : [...(named.get(keyOf(row))?.asked ?? [])];
    const values = Object.fromEntries(shown.map(({ name }, at) => [name, cells[2 + keys.length + at] ?? null]));
    return asked.map((name) => ({ asked: name, row, values }));
  });
}

function rowsSql(context: CompileContext, alias: string, rows: readonly Row[]): string {
  const byStream = grouped(rows, ({ stream }) => stream);
  const parts = [...byStream].map(
    ([stream, own]) =>
      `(${alias}._stream = ${String(stream)} and ${among(
        context,
        `${alias}._id`,
        own.map(({ id }) => id),
      )})`,
  );
  return `(${parts.join(' or ')})`;
}

function grouped<Item, Key>(items: readonly Item[], keyOfItem: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** By row: the records that it is made of. */
async function membersOf(
  { lens }: QueryParts,
  context: CompileContext,
  object: VisibleObject,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, readonly Row[]>> {
  if (rows.length === 0) return new Map();
  const own: CompileContext = { ...context, params: [] };
  const ids = among(
    own,
    's._row_id',
    rows.map(({ id }) => id),
  );
  const found = await lens.read(context.caller.tenant, {
    sql: `select s._row_stream, s._row_id, s._stream, s._id from ${sourcesFor(object, []) ?? ''} as s where ${ids}`,
    params: own.params,
    timeoutMs: limits.queryTimeoutMs,
    streams: [],
  });
  return grouped(
    found.rows.map((cells) => ({ key: keyOf(rowAt(cells, 0)), ...rowAt(cells, 2) })),
    ({ key }) => key,
  );
}
