import { ControlError, type Effect, type Mutation } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { WriteStamp } from '../rows/overlay.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { recordTypeViews } from '../schema/record-type.ts';
import { sortOf } from '../soql/operand.ts';
import { external } from '../soql/render.ts';

/** Changes a record as the org's admin would in the browser. Throws ControlError for what the org would refuse. */
export function mutate(org: Org, mutation: Mutation): { id: string; record: unknown; effects: readonly Effect[] } {
  const object = org.schema.object(mutation.object);
  if (object === undefined || !object.writable) throw new ControlError(`no writable object ${mutation.object}`);
  const table = org.table(object.name);
  const by: WriteStamp = { nowMs: org.clock.now().getTime(), userId: org.users[0]?.id ?? '' };
  const values = readValues(org, object, mutation);
  const row =
    mutation.op === 'create'
      ? table.create(withRequired(object, values, by, table.rowCount()), by)
      : existing(org, object, mutation);
  if (mutation.op === 'update') table.update(row, values, by);
  if (mutation.op === 'delete' || mutation.op === 'undelete') table.setDeleted(row, mutation.op === 'delete', by);
  const id = table.id(row);
  const record = Object.fromEntries(
    object.fields.map((field) => [field.name, external(field, table.value(row, field))]),
  );
  return { id, record, effects: [{ op: mutation.op, object: object.name, id }] };
}

function existing(org: Org, object: ObjectDef, mutation: Mutation): number {
  const table = org.table(object.name);
  const row = table.rowOf(mutation.id ?? '');
  if (row === null) throw new ControlError(`no ${object.name} ${mutation.id}`);
  const deleted = table.isDeleted(row);
  if (mutation.op === 'undelete' && !deleted) throw new ControlError(`${mutation.id} is not deleted`);
  if (mutation.op !== 'undelete' && deleted) throw new ControlError(`${mutation.id} is deleted`);
  return row;
}

export function readValues(org: Org, object: ObjectDef, mutation: Mutation): ReadonlyMap<string, Value> {
  const entries = Object.entries(mutation.fields ?? {}).map(([name, value]): [string, Value] => {
    const field = org.schema.field(object.name, name);
    if (field === undefined) throw new ControlError(`no field ${name} on ${object.name}`);
    if (!(mutation.op === 'create' ? field.createable : field.updateable))
      throw new ControlError(`${name} cannot be set by a user`);
    return [field.storage, readValue(field, value)];
  });
  return new Map(entries);
}

function withRequired(
  object: ObjectDef,
  values: ReadonlyMap<string, Value>,
  by: WriteStamp,
  row: number,
): ReadonlyMap<string, Value> {
  const all = new Map(values);
  for (const field of object.fields) {
    if (all.has(field.storage)) continue;
    if (field.storage === 'OwnerId') all.set('OwnerId', by.userId);
    else if (field.storage === 'RecordTypeId') all.set('RecordTypeId', defaultRecordType(object));
    else if (field.autoNumber) all.set(field.storage, `${object.label.charAt(0)}-${String(row + 1).padStart(6, '0')}`);
    else if (field.createable && !field.nillable && !field.defaultedOnCreate) {
      throw new ControlError(`REQUIRED_FIELD_MISSING: ${field.name} of ${object.name}`);
    }
  }
  return all;
}

/** A record of nobody's choice gets the type that is the admin's default. */
function defaultRecordType(object: ObjectDef): Value {
  return recordTypeViews(object, true).find((view) => view.isDefault && !view.master)?.id ?? null;
}

/** A value in the API's spelling, checked and brought into the sandbox's own. */
function readValue(field: FieldDef, value: unknown): Value {
  if (value === null || value === '') return null;
  const wrong = (): never => {
    throw new ControlError(`${field.name} is a ${field.type}; ${JSON.stringify(value)} does not fit`);
  };
  switch (sortOf(field.type)) {
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong();
    case 'number':
      return typeof value === 'number' ? value : wrong();
    case 'datetime': {
      const ms = typeof value === 'string' ? Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')) : Number.NaN;
      return Number.isNaN(ms) ? wrong() : Math.floor(ms / 1000) * 1000;
    }
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : wrong();
    case 'time':
    case 'id':
      return typeof value === 'string' ? value : wrong();
    case 'text': {
      if (typeof value !== 'string') return wrong();
      if (field.length > 0 && value.length > field.length) {
        throw new ControlError(`STRING_TOO_LONG: ${field.name}, at most ${field.length}`);
      }
      return field.restrictedPicklist && !field.picklist.includes(value) ? wrong() : value;
    }
  }
}
