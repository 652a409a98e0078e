import { showsClass, type Caller, type VisibleObject } from '../access/index.ts';
import { matches, valueKindOf, type Filter } from '../filter/index.ts';
import { canonicalJson, GantryError, type Json, type JsonObject, type StreamId } from '../kernel/index.ts';
import type { CatalogueField, CatalogueObject, DocumentReaders, DocumentValues } from '../mapping/index.ts';
import { referenceOf, shownReader } from '../query/index.ts';

export type EventType = 'created' | 'updated' | 'deleted';

export const eventTypes: readonly EventType[] = ['created', 'updated', 'deleted'];

/** What a subscriber wants to hear. */
export interface EventSpec {
  readonly object: string;
  readonly filter: Filter | null;
  readonly events: readonly EventType[];
  /** Null: all that the agent sees and that are not sensitive. */
  readonly fields: readonly string[] | null;
}

/** An agent at a tenant, with what its rules are resolved against. */
export interface Viewer {
  readonly caller: Caller;
  readonly scope: {
    readonly objects: ReadonlyMap<string, CatalogueObject>;
    readonly documents: DocumentReaders;
  };
}

/** A change as this subscriber sees it. */
export interface ViewedEvent {
  readonly type: EventType;
  readonly ref: string;
  /** Null: to this subscriber it did not exist. */
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  /** Fields that differ, of those that it gets; of a created or deleted record all. */
  readonly changed: readonly string[];
}

export interface RecordImages {
  readonly stream: StreamId;
  readonly id: string;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  /** Access classes of the two, and of the record at present; absent or null: nobody knows who may see it. */
  readonly beforeAcl?: number | null;
  readonly afterAcl?: number | null;
  readonly nowAcl?: number | null;
}

/**
 * What a change is to a subscriber; null: nothing. Judged on both sides of the
 * change: a record that begins to be visible or to match is created to them,
 * one that ceases to be is deleted. What cannot be judged is not visible. To
 * whom the caller acts for, both sides are judged by who was shown the record
 * then; of one that is not shown any more only its end is told.
 */
export function viewChange(viewer: Viewer, spec: EventSpec, images: RecordImages, now: Date): ViewedEvent | null {
  const object = viewer.caller.objects.get(spec.object);
  const whole = viewer.scope.documents.get(spec.object)?.get(images.stream);
  if (object === undefined || whole === undefined || object.merge !== undefined) return null;
  const shown = shownReader(object, images.stream, whole);
  const fields = toldFields(object, spec.fields);
  const shows = (acl: number | null = null): boolean => showsClass(viewer.caller, images.stream, acl);
  const isLost = !shows(images.nowAcl);
  const side = (document: JsonObject | null, acl: number | null | undefined): JsonObject | null => {
    if (document === null || !shows(acl)) return null;
    const read = shown(document);
    const truth = shown === whole ? read : whole(document);
    if (!isSeen(viewer, object, { filter: spec.filter, read, truth }, now)) return null;
    if (isLost) return {};
    return Object.fromEntries(
      fields.flatMap((name) => (read.values.has(name) ? [[name, read.values.get(name) ?? null]] : [])),
    );
  };
  const before = side(images.before, images.beforeAcl);
  const after = isLost ? null : side(images.after, images.afterAcl);
  if (before === null && after === null) return null;
  const type: EventType = before === null ? 'created' : after === null ? 'deleted' : 'updated';
  const told = isLost ? [] : fields;
  const changed = told.filter((name) => canonicalJson(valueIn(before, name)) !== canonicalJson(valueIn(after, name)));
  if (type === 'updated' && changed.length === 0) return null;
  if (!spec.events.includes(type)) return null;
  return { type, ref: referenceOf(object)(images.stream, images.id), before, after, changed };
}

/** Fields that leave: those asked for that the agent sees, or all that it sees but sensitive ones. */
export function toldFields(object: VisibleObject, asked: readonly string[] | null): readonly string[] {
  if (asked !== null) return asked.filter((name) => object.fields.has(name));
  return [...object.fields.values()].filter(({ sensitive }) => !sensitive).map(({ name }) => name);
}

const valueIn = (side: JsonObject | null, name: string): Json => side?.[name] ?? null;

/** The rule is about what is true, the filter about what is shown. */
function isSeen(
  viewer: Viewer,
  object: VisibleObject,
  {
    filter,
    read,
    truth,
  }: { readonly filter: Filter | null; readonly read: DocumentValues; readonly truth: DocumentValues },
  now: Date,
): boolean {
  if (read.belongs !== true) return false;
  const policy = viewer.scope.objects.get(object.name)?.fields ?? new Map<string, CatalogueField>();
  return passes(object.rowFilter, policy, truth, now) && passes(filter, object.fields, read, now);
}

/** The rule may name any field of the object; the subscriber's filter those that the agent sees. */
function passes(
  filter: Filter | null,
  fields: ReadonlyMap<string, CatalogueField>,
  { values }: DocumentValues,
  now: Date,
): boolean {
  if (filter === null) return true;
  try {
    return matches(filter, {
      now,
      where: 'filter',
      read: (operand) => {
        const field = operand.kind === 'path' ? fields.get(operand.path) : undefined;
        const value = field === undefined ? undefined : values.get(field.name);
        if (field === undefined || value === undefined) throw unknown();
        return { kind: valueKindOf(field.type), value };
      },
    });
  } catch (error) {
    if (error instanceof GantryError) return false;
    throw error;
  }
}

/** Never leaves this file: what the filter needs is not known, so that the record is not seen. */
const unknown = (): GantryError =>
  new GantryError('access_rule_invalid', { message: 'cannot be told from the record alone' });
