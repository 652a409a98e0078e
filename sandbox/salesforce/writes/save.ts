import type { Effect, WriteFailures } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { WriteStamp } from '../rows/overlay.ts';
import type { Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { validationErrors } from '../setup/validation-errors.ts';
import { external } from '../soql/render.ts';
import { runAfterSave, runBeforeSave, type Saving } from './automations.ts';
import { deletion } from './delete.ts';
import type { DuplicateRules } from './duplicate-rules.ts';
import { missingFields, readFields, valueErrors, type Writer } from './fields.ts';
import { withDefaults } from './new-record.ts';
import type { Spelling } from './read-value.ts';
import { deletedRecord, noAccess, noSuchRecord, saveError, wordsOf, type SaveError } from './save-error.ts';
import type { Transaction } from './transaction.ts';
import { uniqueError } from './unique.ts';
import type { ValueIndexes } from './value-index.ts';
import { isActivity } from '../sharing/objects.ts';
import { parentFields } from '../sharing/record-access.ts';

/** One record that somebody wants to have made, changed or deleted. */
export interface IntendedWrite {
  readonly op: 'create' | 'update' | 'delete';
  /** As the writer sees it. */
  readonly object: ObjectDef;
  /** Null of a record that is to be made. */
  readonly id: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly spelling: Spelling;
  /** Value of the external id by which the client named the record. */
  readonly marker: string | null;
}

/** A change that took place, for sharing and change events. */
export interface Done {
  readonly op: 'create' | 'update' | 'delete';
  readonly object: string;
  readonly id: string;
  readonly row: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly ownerBefore: string | null;
}

export type SaveResult =
  | { readonly kind: 'saved'; readonly id: string; readonly effects: readonly Effect[]; readonly done: readonly Done[] }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] };

export interface SaveParts {
  readonly org: Org;
  readonly indexes: ValueIndexes;
  readonly failures: WriteFailures;
  readonly duplicates: DuplicateRules;
}

/** Saves one record with all that the platform does around it; what is refused leaves changes in `tx` to roll back. */
export function saveRecord(parts: SaveParts, writer: Writer, write: IntendedWrite, tx: Transaction): SaveResult {
  const { org, failures } = parts;
  const place = write.op === 'create' ? null : targetRow(writer, write);
  if (typeof place === 'object' && place !== null) return refused(place);
  const notAllowed = accessError(writer, write, place);
  if (notAllowed !== null) return refused(notAllowed);
  const failure = failures.take({ object: write.object.name, op: write.op, id: write.id });
  if (failure !== null) return refused(saveError(failure.error, failure.message ?? wordsOf(failure.error, write.id)));
  const by: WriteStamp = { nowMs: org.clock.now().getTime(), userId: writer.user.id };
  if (write.op === 'delete') return removed({ ...parts, tx, by }, write, place ?? 0);
  return stored({ ...parts, tx, by }, writer, { ...write, op: write.op }, place);
}

const refused = (...errors: readonly SaveError[]): SaveResult => ({ kind: 'refused', errors });

/** Row of the record that is to change, or why there is none. */
function targetRow({ seen }: Writer, { object, id }: IntendedWrite): number | SaveError {
  if (id === null || !/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id))
    return saveError('MALFORMED_ID', `${object.label} ID: id value of incorrect type: ${String(id)}`, ['Id']);
  const table = seen.table(object.name);
  const row = table.rowOf(id);
  if (row === null || seen.visible?.(object.name)?.(row) === false) return noSuchRecord();
  return table.isDeleted(row) ? deletedRecord() : row;
}

function accessError(
  { seen, user }: Writer,
  { op, object, fields }: IntendedWrite,
  row: number | null,
): SaveError | null {
  const full = seen.schema.object(object.name) ?? object;
  if (!seen.sharing.rights.writing(user, full).may(op))
    return op === 'create'
      ? saveError('INVALID_TYPE_FOR_OPERATION', `entity type cannot be inserted: ${object.label}`)
      : noAccess();
  const underParent = parentError({ seen, user }, full, fields);
  if (underParent !== null) return underParent;
  if (row === null) return null;
  const level = seen.sharing.level(user, full, row);
  // Giving a record away and deleting it are for its owner and those above.
  const givesAway = Object.keys(fields).some((name) => name.toLowerCase() === 'ownerid');
  if (op === 'delete' || givesAway) return level === 'All' ? null : noAccess();
  return level === 'Edit' || level === 'All' ? null : noAccess();
}

/** Details, and contacts that are controlled by their account, are put under records that the user may edit. */
function parentError(
  { seen, user }: Pick<Writer, 'seen' | 'user'>,
  object: ObjectDef,
  fields: IntendedWrite['fields'],
): SaveError | null {
  if (isActivity(object.name) || seen.sharing.model(object.name) !== 'ControlledByParent') return null;
  for (const [name, id] of Object.entries(fields)) {
    const field = seen.schema.field(object.name, name);
    if (field === undefined || typeof id !== 'string' || !parentFields(object).includes(field.storage)) continue;
    const place = seen.locate(field, id);
    if (place === null || seen.visible?.(place.object.name)?.(place.row) === false) continue;
    const level = seen.sharing.level(user, place.object, place.row);
    if (level !== 'Edit' && level !== 'All')
      return saveError(
        'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
        `insufficient access rights on cross-reference id: ${id}`,
      );
  }
  return null;
}

interface Running extends SaveParts {
  readonly tx: Transaction;
  readonly by: WriteStamp;
}

function removed({ org, tx, by }: Running, { object, marker }: IntendedWrite, row: number): SaveResult {
  const whole = deletion(org, object, row);
  if (whole.kind === 'refused') return refused(whole.error);
  const effects: Effect[] = [];
  const done: Done[] = [];
  for (const one of [{ object, row }, ...whole.below]) {
    const table = tx.table(one.object.name);
    const id = table.id(one.row);
    if (table.isDeleted(one.row)) continue;
    table.setDeleted(one.row, true, by);
    const isOwn = one.object.name === object.name && one.row === row;
    const about = { op: 'delete', object: one.object.name, id } as const;
    effects.push({ ...about, ...(isOwn ? marked(marker) : { cause: 'cascade' }) });
    done.push({ ...about, row: one.row, fields: {}, ownerBefore: null });
  }
  return { kind: 'saved', id: effects[0]?.id ?? '', effects, done };
}

const marked = (marker: string | null): { readonly marker?: string } => (marker === null ? {} : { marker });

function stored(
  running: Running,
  writer: Writer,
  write: IntendedWrite & { readonly op: 'create' | 'update' },
  row: number | null,
): SaveResult {
  const { org, tx, by, indexes, duplicates } = running;
  const full = org.schema.object(write.object.name) ?? write.object;
  const given = readFields(writer, write.object, write.fields, { op: write.op, spelling: write.spelling });
  if (given.errors.length > 0) return refused(...given.errors);
  const lacking = missingFields(full, given.values, write.op);
  if (lacking !== null) return refused(lacking);
  const table = tx.table(full.name);
  const isAdmin = writer.user.role === 'admin';
  const values =
    row === null
      ? withDefaults(full, given.values, { userId: by.userId, isAdmin }, table.rowCount())
      : new Map(given.values);
  const before = (storage: string): Value => {
    const def = full.fields.find((field) => field.storage === storage);
    if (def === undefined) return null;
    return row === null ? def.defaultValue : table.value(row, def);
  };
  const was = new Map([...given.values.keys()].map((storage) => [storage, row === null ? null : before(storage)]));
  const read = (storage: string): Value => values.get(storage) ?? (values.has(storage) ? null : before(storage));
  const wrong = valueErrors(writer, full, given.values, read);
  if (wrong.length > 0) return refused(...wrong);

  const effects: Effect[] = [];
  const done: Done[] = [];
  const saving = (id: string | null): Saving => ({
    org,
    indexes,
    object: full.name,
    op: write.op,
    id,
    read,
    changes: (storage) => given.values.has(storage) && given.values.get(storage) !== was.get(storage),
    create: (object, fields, cause) => {
      const made = automatic(running, object, fields, cause);
      effects.push(made.effect);
      done.push(made.done);
    },
    send: (effect) => effects.push({ op: 'send', ...effect }),
  });
  const first = runBeforeSave(saving(row === null ? null : table.id(row)));
  if (first.kind === 'refused') return refused(first.error);
  for (const [storage, value] of first.values) values.set(storage, value);
  const broken = validationErrors(org.schema, full, read);
  if (broken.length > 0) return refused(...broken.map((one) => saveError(one.errorCode, one.message, one.fields)));
  const twice =
    uniqueError(running, writer, full, values, row) ?? duplicates.check(full.name, read, row, writer.allowSave);
  if (twice !== null) return refused(twice);

  const owner = row === null ? null : before('OwnerId');
  const ownerBefore = typeof owner === 'string' ? owner : null;
  const at = row ?? table.create(values, by);
  if (row !== null) table.update(row, values, by);
  const id = table.id(at);
  const fields = { ...write.fields };
  effects.push({
    op: write.op,
    object: full.name,
    id,
    fields,
    ...marked(write.marker ?? ownMarker(full, given.values)),
  });
  done.push({ op: write.op, object: full.name, id, row: at, fields, ownerBefore });
  if (first.cause !== null) {
    const set = Object.fromEntries(
      full.fields.flatMap((field) => {
        const value = first.values.get(field.storage);
        return value === undefined ? [] : [[field.name, external(field, value)] as const];
      }),
    );
    effects.push({ op: 'update', object: full.name, id, fields: set, cause: first.cause });
  }
  runAfterSave(saving(id));
  return { kind: 'saved', id, effects, done };
}

/** An external id that is the client's own choice tells its write from others. */
function ownMarker(object: ObjectDef, values: ReadonlyMap<string, Value>): string | null {
  for (const field of object.fields) {
    const value = field.externalId && field.unique ? values.get(field.storage) : null;
    if (typeof value === 'string') return value;
  }
  return null;
}

/** A record that an automation makes, as a part of the same save. */
function automatic(
  { org, tx, by }: Running,
  name: string,
  fields: Readonly<Record<string, Value>>,
  cause: string,
): { readonly effect: Effect; readonly done: Done } {
  const object = org.schema.object(name);
  if (object === undefined) throw new Error(`no object ${name}`);
  const table = tx.table(name);
  const given = new Map(Object.entries(fields));
  const row = table.create(withDefaults(object, given, { userId: by.userId, isAdmin: true }, table.rowCount()), by);
  const about = { op: 'create', object: name, id: table.id(row), fields } as const;
  return { effect: { ...about, cause }, done: { ...about, row, ownerBefore: null } };
}
