import { createHash } from 'node:crypto';
import avro from 'avsc';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';

/** A field of a change event, at its position in the schema. */
export interface EventField {
  readonly name: string;
  /** Whose value it carries; null where it bundles `parts`. */
  readonly field: FieldDef | null;
  readonly parts: readonly { readonly name: string; readonly field: FieldDef }[];
}

export interface EventSchema {
  readonly id: string;
  readonly json: string;
  readonly type: avro.Type;
  /** After the header, which is at position 0. */
  readonly fields: readonly EventField[];
}

const HEADER = {
  type: 'record',
  name: 'ChangeEventHeader',
  fields: [
    { name: 'entityName', type: 'string' },
    { name: 'recordIds', type: { type: 'array', items: 'string' } },
    {
      name: 'changeType',
      type: {
        type: 'enum',
        name: 'ChangeType',
        symbols: [
          'CREATE',
          'UPDATE',
          'DELETE',
          'UNDELETE',
          'GAP_CREATE',
          'GAP_UPDATE',
          'GAP_DELETE',
          'GAP_UNDELETE',
          'GAP_OVERFLOW',
        ],
      },
    },
    { name: 'changeOrigin', type: 'string' },
    { name: 'transactionKey', type: 'string' },
    { name: 'sequenceNumber', type: 'int' },
    { name: 'commitTimestamp', type: 'long' },
    { name: 'commitNumber', type: 'long' },
    { name: 'commitUser', type: 'string' },
    { name: 'nulledFields', type: { type: 'array', items: 'string' } },
    { name: 'diffFields', type: { type: 'array', items: 'string' } },
    { name: 'changedFields', type: { type: 'array', items: 'string' } },
  ],
};

/** Never in a change event: the header has them, or nobody changes them. */
const LEFT_OUT = new Set(['Id', 'IsDeleted', 'SystemModstamp', 'LastViewedDate', 'LastReferencedDate']);

export const eventNameOf = (object: string): string =>
  object.replace(/(__c)?$/, (suffix) => `${suffix === '' ? '' : '__'}ChangeEvent`);

/** Schemas take long to compile, and every change of a record needs its object's. */
const schemas = new WeakMap<ObjectDef, EventSchema>();

/** The Avro schema of an object's change events as its fields are now; its id changes when they do. */
export function eventSchema(object: ObjectDef): EventSchema {
  const known = schemas.get(object) ?? compiled(object);
  schemas.set(object, known);
  return known;
}

function compiled(object: ObjectDef): EventSchema {
  const fields = eventFields(object);
  const json = JSON.stringify({
    name: eventNameOf(object.name),
    namespace: 'com.sforce.eventbus',
    type: 'record',
    fields: [{ name: 'ChangeEventHeader', type: HEADER }, ...fields.map((each) => avroField(each))],
  });
  const id = createHash('sha256').update(json).digest('base64url').slice(0, 22);
  return { id, json, type: avro.Type.forSchema(JSON.parse(json) as avro.Schema), fields };
}

function eventFields(object: ObjectDef): readonly EventField[] {
  const names = new Set(object.fields.map(({ name }) => name));
  // A person's name is one field of parts; anything else's is a text.
  const isPerson = names.has('FirstName') && names.has('LastName');
  const fields: EventField[] = [];
  for (const field of object.fields) {
    if (LEFT_OUT.has(field.name) || field.calculated || field.type === 'complexvalue') continue;
    if (field.compound !== null) continue;
    if (isPerson && (field.name === 'FirstName' || field.name === 'LastName')) continue;
    const parts =
      field.type === 'address' || field.type === 'location'
        ? object.fields.filter(({ compound }) => compound === field.name)
        : isPerson && field.name === 'Name'
          ? object.fields.filter(({ name }) => name === 'FirstName' || name === 'LastName')
          : [];
    const named = parts.map((part) => ({ name: partName(field.name, part.name), field: part }));
    fields.push({ name: field.name, field: named.length === 0 ? field : null, parts: named });
  }
  return fields;
}

/** `BillingStreet` is `Street` within `BillingAddress`. */
function partName(compound: string, part: string): string {
  const prefix = compound.replace(/Address$/, '');
  return prefix !== compound && part.startsWith(prefix) ? part.slice(prefix.length) : part;
}

function avroField({ name, field, parts }: EventField): object {
  if (field !== null) return { name, type: ['null', avroType(field)], doc: `Data:${field.type}`, default: null };
  const nested = parts.map((part) => ({ name: part.name, type: ['null', avroType(part.field)], default: null }));
  return { name, type: ['null', { type: 'record', name: `${name}Parts`, fields: nested }], default: null };
}

function avroType({ type }: FieldDef): string {
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'int':
      return 'int';
    case 'double':
    case 'currency':
    case 'percent':
      return 'double';
    case 'date':
    case 'datetime':
      return 'long';
    default:
      return 'string';
  }
}
