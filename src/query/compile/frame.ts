import type { VisibleObject } from '../../access/index.ts';
import { valueKindOf } from '../../filter/index.ts';
import type { Json, StreamId } from '../../kernel/index.ts';
import { quoteName, relationFor, streamsFor, type CatalogueField, type CatalogueObject } from '../../mapping/index.ts';
import { alias, param, spendJoin, type CompileContext, type NamedRecord, type Reach } from './context.ts';
import { resolveField } from './resolve.ts';
import type { RecordCurrency } from './test-sql.ts';

/**
 * One FROM clause while it grows: a root relation and the left joins that
 * paths and measures need, each joined once. No join multiplies rows.
 */
export interface Frame extends Source {
  readonly context: CompileContext;
  readonly reach: Reach;
  readonly object: CatalogueObject;
  /** Its rows are counted for those of another frame. */
  readonly isRelated: boolean;
  /** Every record of it counts. */
  readonly readsAll: boolean;
  /** Relations at the end of to-one paths, by path, and measures, by their text. */
  readonly joined: Map<string, Source>;
  /** Written late, when it is known which columns are read. */
  readonly joins: (() => string)[];
  /** Factors of amounts that are converted, in SQL: where one is missing beside an amount, the answer would be wrong. */
  readonly converted: { readonly amount: string; readonly factor: string; readonly currency: string }[];
}

/** A relation in a FROM clause, and the columns that something reads from it. */
export interface Source {
  readonly alias: string;
  readonly columns: Set<string>;
}

export function openFrame(
  context: CompileContext,
  reach: Reach,
  object: CatalogueObject,
  { isRelated = false, readsAll = false }: { readonly isRelated?: boolean; readonly readsAll?: boolean } = {},
): Frame {
  const source = openSource(context, 'r');
  if (reach === 'caller') context.reads.set(source.alias, { object, columns: source.columns });
  return { ...source, context, reach, object, isRelated, readsAll, joined: new Map(), joins: [], converted: [] };
}

export function openSource(context: CompileContext, prefix: string): Source {
  return { alias: alias(context, prefix), columns: new Set() };
}

/** `from "model"."deal" as r1 left join ...`. Call last: resolving paths adds joins and columns. */
export function fromSql(frame: Frame): string {
  const source = sourceSql(frame, frame.object, frame.columns, frame.readsAll ? 'all' : 'some');
  const root = frame.isRelated ? relatedSql(frame, frame.object, source) : source;
  return [`from ${root} as ${frame.alias}`, ...frame.joins.map((write) => write())].join('\n');
}

/**
 * The relation of an object as `reach` may see it: for the caller without the
 * records that its row filter hides, wherever the object appears. It has the
 * columns named, and maybe others.
 */
export function sourceSql(
  { context, reach }: Pick<Frame, 'context' | 'reach'>,
  object: CatalogueObject,
  columns: ReadonlySet<string>,
  reading: 'all' | 'some' = 'some',
): string {
  if (reach === 'policy') {
    for (const stream of streamsFor(object, columns)) context.streams.add(stream);
    return relationFor(object, columns);
  }
  const visible = context.caller.objects.get(object.name);
  if (visible === undefined) throw new Error(`${object.name} is not visible to the caller`);
  return visibleSql(context, visible, columns, reading);
}

/** The same of an object as it is given: nobody else is asked what the caller may see of it. */
export function visibleSql(
  context: CompileContext,
  visible: VisibleObject,
  columns: ReadonlySet<string>,
  reading: 'all' | 'some' = 'some',
): string {
  for (const stream of streamsFor(visible, columns)) context.streams.add(stream);
  context.touched.add(visible);
  return visible.rowFilter === null
    ? relationFor(visible, columns, reading)
    : context.visibleRows(context, visible, columns);
}

/** The relation of an object that another one leads to: where sources were asked, what they show now. */
export function relatedSql(frame: Pick<Frame, 'context' | 'reach'>, object: CatalogueObject, source: string): string {
  const shown = frame.reach === 'caller' ? frame.context.shownNow.get(object.name) : undefined;
  if (shown === undefined) return source;
  const name = alias(frame.context, 'n');
  return `(select ${name}.* from ${source} as ${name} where ${rowsCondition(frame.context, name, shown)})`;
}

/** Holds for these rows of a relation. */
export function rowsCondition(context: CompileContext, relation: string, rows: readonly NamedRecord[]): string {
  const byStream = new Map<StreamId, Json[]>();
  for (const { stream, id } of rows) byStream.set(stream, [...(byStream.get(stream) ?? []), id]);
  const parts = [...byStream].map(
    ([stream, ids]) =>
      `${relation}._stream = ${String(stream)} and ${relation}._id in (select unnest(cast(${param(context, ids)} as varchar[])))`,
  );
  return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`;
}

/** A field at the end of to-one relations, as SQL over the frame. */
export function fieldSql(
  frame: Frame,
  path: string,
  where: string,
): { sql: string; field: CatalogueField; object: CatalogueObject; currency?: RecordCurrency } {
  const { context, reach, object } = frame;
  const resolved = resolveField({ context, reach, object, path, where });
  const holder = joinSteps(frame, resolved.steps);
  const { end: field, object: last } = resolved;
  const currency = reach === 'caller' ? recordCurrency(last, field, path, holder) : {};
  return { sql: columnSql(holder, field), field, object: last, ...currency };
}

/** A rule of the tenant's compares amounts as they are; it knows what it does. */
function recordCurrency(
  object: CatalogueObject,
  field: CatalogueField,
  path: string,
  holder: Source,
): { currency?: RecordCurrency } {
  if (field.currencyField === null) return {};
  const own = object.fields.get(field.currencyField);
  if (own === undefined) return { currency: { amount: path, field: null } };
  const name = [...path.split('.').slice(0, -1), own.name].join('.');
  return { currency: { amount: path, field: { name, sql: columnSql(holder, own) } } };
}

/** Joins the relations of a path one after the other; the alias of the last one. */
export function joinSteps(
  frame: Frame,
  steps: readonly { readonly field: CatalogueField; readonly target: CatalogueObject }[],
): Source {
  let holder: Source = frame;
  let { object } = frame;
  let path = '';
  for (const { field, target } of steps) {
    path = `${path}.${field.name}`;
    holder = frame.joined.get(path) ?? joinOne(frame, path, { holder, object, field, target });
    object = target;
  }
  return holder;
}

function joinOne(
  frame: Frame,
  path: string,
  step: {
    readonly holder: Source;
    readonly object: CatalogueObject;
    readonly field: CatalogueField;
    readonly target: CatalogueObject;
  },
): Source {
  const { field, target } = step;
  if (field.reference === null) throw new Error(`${field.name} is no reference`);
  spendJoin(frame.context, frame.reach);
  // The key may be hidden from the caller: it equals the value that the caller holds.
  const key = keyField(frame.context, field.reference.to, field.reference.on);
  const joined = openSource(frame.context, 'j');
  const { unique } = field.reference;
  const on = equalKeys(columnSql(step.holder, field), field, columnSql(joined, key), key);
  if (frame.reach === 'caller') {
    frame.context.reads.set(joined.alias, { object: target, columns: joined.columns });
    frame.context.lookUps.push({
      from: { alias: step.holder.alias, object: step.object, field },
      to: { alias: joined.alias, object: target, field: key },
    });
  }
  frame.joins.push(() => {
    const source = sourceSql(frame, target, joined.columns);
    const related = relatedSql(frame, target, source);
    // Several records with one key: the first one counts, always the same.
    const single = unique
      ? related
      : `(select * from ${related} qualify row_number() over (partition by ${quoteName(key.column)} order by _stream, _id) = 1)`;
    return `left join ${single} as ${joined.alias} on ${on}`;
  });
  frame.joined.set(path, joined);
  return joined;
}

export function keyField(context: CompileContext, object: string, name: string): CatalogueField {
  const field = context.scope.objects.get(object)?.fields.get(name);
  if (field === undefined) throw new Error(`the catalogue joins on ${object}.${name}, which it does not have`);
  return field;
}

/** Keys of different types are compared as text: a cast between them could fail on some value. */
export function equalKeys(a: string, aField: CatalogueField, b: string, bField: CatalogueField): string {
  if (valueKindOf(aField.type) === valueKindOf(bField.type)) return `${a} = ${b}`;
  return `cast(${a} as varchar) = cast(${b} as varchar)`;
}

/** A column of a source, which from now on has to have it. */
export function columnSql(source: Source, field: CatalogueField): string {
  source.columns.add(field.column);
  return `${source.alias}.${quoteName(field.column)}`;
}
