import type { Org } from '../org.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { recordTypeViews, type RecordTypeView } from '../schema/record-type.ts';
import type { SandboxUser } from '../../kit/index.ts';
import { missing, outsidePicklist, readValue, type Spelling } from './read-value.ts';
import { referenceError } from './references.ts';
import { notWritable, ofField, saveError, shownText, type SaveError } from './save-error.ts';

/** Who writes, and the org as this user sees it. */
export interface Writer {
  readonly user: SandboxUser;
  readonly seen: Org;
  /** `Sforce-Duplicate-Rule-Header: allowSave=true` */
  readonly allowSave: boolean;
}

export interface GivenFields {
  /** By storage name. */
  readonly values: ReadonlyMap<string, Value>;
  readonly errors: readonly SaveError[];
}

/** The fields of a write in the org's form, with what the caller may not write or spelled wrongly. */
export function readFields(
  writer: Writer,
  object: ObjectDef,
  given: Readonly<Record<string, unknown>>,
  how: { readonly op: 'create' | 'update'; readonly spelling: Spelling },
): GivenFields {
  const { seen, user } = writer;
  const rights = seen.sharing.rights.writing(user, object);
  const values = new Map<string, Value>();
  const errors: SaveError[] = [];
  const refused: string[] = [];
  for (const [name, raw] of Object.entries(given)) {
    const field = seen.schema.field(object.name, name);
    if (field === undefined)
      return {
        values,
        errors: [saveError('INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`)],
      };
    const canBeSet = how.op === 'create' ? field.createable : field.updateable;
    if (!canBeSet || !rights.mayEdit(field)) {
      refused.push(field.name);
      continue;
    }
    const read = readValue(field, raw, how.spelling);
    if (read.kind === 'wrong') errors.push(read.error);
    else values.set(field.storage, read.value);
  }
  return { values, errors: refused.length > 0 ? [notWritable(refused)] : errors };
}

/** What the platform checks of the written values against the record that they make. */
export function valueErrors(
  writer: Writer,
  object: ObjectDef,
  values: ReadonlyMap<string, Value>,
  read: (storage: string) => Value,
): readonly SaveError[] {
  const type = recordTypeOf(writer, object, read('RecordTypeId'), values.has('RecordTypeId'));
  if (type === null) {
    const field = object.fields.find((one) => one.storage === 'RecordTypeId');
    const message = `this ID value isn't valid for the user: ${shownText(values.get('RecordTypeId'))}`;
    return field === undefined ? [] : [ofField('INVALID_CROSS_REFERENCE_KEY', field, message)];
  }
  return object.fields.flatMap((field): readonly SaveError[] => {
    const value = values.get(field.storage);
    if (value === undefined) return [];
    if (field.storage === 'RecordTypeId') return [];
    if (field.type === 'reference') {
      const error = typeof value === 'string' ? referenceError(writer, field, value) : null;
      return error === null ? [] : [error];
    }
    const error = outsidePicklist(field, value, type.picklists[field.storage] ?? field.picklist);
    return error === null ? [] : [error];
  });
}

/** The record type of the record; null where the caller chose one that is not for this user. */
function recordTypeOf(
  { user }: Writer,
  object: ObjectDef,
  id: Value,
  isChosen: boolean,
): Pick<RecordTypeView, 'picklists'> | null {
  const views = recordTypeViews(object, user.role === 'admin');
  const view = typeof id === 'string' ? views.find((one) => one.id.slice(0, 15) === id.slice(0, 15)) : undefined;
  if (isChosen && typeof id === 'string' && view?.available !== true) return null;
  return view ?? { picklists: {} };
}

/** Fields that every record of the object has to have and this one lacks. */
export function missingFields(
  object: ObjectDef,
  values: ReadonlyMap<string, Value>,
  op: 'create' | 'update',
): SaveError | null {
  const needed = (field: FieldDef): boolean =>
    !field.nillable && field.type !== 'boolean' && field.createable && !field.autoNumber;
  const lacking = object.fields.filter((field) => {
    if (!needed(field)) return false;
    const value = values.get(field.storage);
    return op === 'create' ? (value ?? null) === null && !field.defaultedOnCreate : value === null;
  });
  return lacking.length === 0 ? null : missing(lacking.map((field) => field.name));
}
