import { valueKindOf } from '../../filter/index.ts';
import type { CatalogueField, CatalogueObject } from '../../mapping/index.ts';
import { alias, quoteName, type CompileContext, type Reach } from './context.ts';
import { resolveField } from './resolve.ts';

/**
 * One FROM clause while it grows: a root relation and the left joins that
 * paths and measures need, each joined once. No join multiplies rows.
 */
export interface Frame {
  readonly context: CompileContext;
  readonly reach: Reach;
  readonly object: CatalogueObject;
  readonly alias: string;
  /** By what is joined: the path of a to-one relation, or the text of a measure. */
  readonly joined: Map<string, string>;
  readonly joins: string[];
}

export function openFrame(context: CompileContext, reach: Reach, object: CatalogueObject): Frame {
  return { context, reach, object, alias: alias(context, 'r'), joined: new Map(), joins: [] };
}

/** `from "model"."deal" as r1 left join ...`. Call last: resolving paths adds joins. */
export function fromSql(frame: Frame): string {
  return [`from ${sourceSql(frame, frame.object)} as ${frame.alias}`, ...frame.joins].join('\n');
}

/**
 * The relation of an object as `reach` may see it: for the caller without the
 * records that its row filter hides, wherever the object appears.
 */
export function sourceSql({ context, reach }: Pick<Frame, 'context' | 'reach'>, object: CatalogueObject): string {
  for (const source of object.sources) context.streams.add(source.stream);
  if (reach === 'policy') return object.relation;
  const visible = context.caller.objects.get(object.name);
  if (visible === undefined) throw new Error(`${object.name} is not visible to the caller`);
  context.touched.add(visible);
  return visible.rowFilter === null ? visible.relation : context.visibleRows(context, visible);
}

/** A field at the end of to-one relations, as SQL over the frame. */
export function fieldSql(
  frame: Frame,
  path: string,
  where: string,
): { sql: string; field: CatalogueField; object: CatalogueObject } {
  const { context, reach, object } = frame;
  const resolved = resolveField({ context, reach, object, path, where });
  const holder = joinSteps(frame, resolved.steps);
  return { sql: columnSql(holder, resolved.end), field: resolved.end, object: resolved.object };
}

/** Joins the relations of a path one after the other; the alias of the last one. */
export function joinSteps(
  frame: Frame,
  steps: readonly { readonly field: CatalogueField; readonly target: CatalogueObject }[],
): string {
  let holder = frame.alias;
  let path = '';
  for (const { field, target } of steps) {
    path = `${path}.${field.name}`;
    holder = frame.joined.get(path) ?? joinOne(frame, path, { holder, field, target });
  }
  return holder;
}

function joinOne(
  frame: Frame,
  path: string,
  step: { readonly holder: string; readonly field: CatalogueField; readonly target: CatalogueObject },
): string {
  const { field, target } = step;
  if (field.reference === null) throw new Error(`${field.name} is no reference`);
  // The key may be hidden from the caller: it equals the value that the caller holds.
  const key = keyField(frame.context, field.reference.to, field.reference.on);
  const name = alias(frame.context, 'j');
  const source = sourceSql(frame, target);
  // Several records with one key: the first one counts, always the same.
  const single = field.reference.unique
    ? source
    : `(select * from ${source} qualify row_number() over (partition by ${quoteName(key.column)} order by _stream, _id) = 1)`;
  frame.joins.push(
    `left join ${single} as ${name} on ${equalKeys(columnSql(step.holder, field), field, columnSql(name, key), key)}`,
  );
  frame.joined.set(path, name);
  return name;
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

export const columnSql = (holder: string, field: CatalogueField): string => `${holder}.${quoteName(field.column)}`;
