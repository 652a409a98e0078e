import { createHash } from 'node:crypto';
import type { Org } from '../org.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { fieldBitmaps } from './bitmap.ts';
import { eventSchema, type EventSchema } from './event-schema.ts';
import type { LoggedEvent } from './replay-log.ts';

export type ChangeType =
  | 'CREATE'
  | 'UPDATE'
  | 'DELETE'
  | 'UNDELETE'
  | 'GAP_CREATE'
  | 'GAP_UPDATE'
  | 'GAP_DELETE'
  | 'GAP_UNDELETE'
  | 'GAP_OVERFLOW';

/** What happened to records of one object in one transaction. */
export interface Change {
  readonly object: string;
  readonly changeType: ChangeType;
  /** Several where equal changes were merged into one event. */
  readonly ids: readonly string[];
  /** Names of the fields that were set; of an update only. */
  readonly changed: readonly string[];
  /** Number of the transaction, and the place within it from 1. */
  readonly transaction: number;
  readonly sequence: number;
  readonly atMs: number;
  readonly userId: string;
}

/** The record ID of an overflow event. Developer guide, "Overflow Events". */
export const EMPTY_ID = '000000000000000AAA';

/** Writes the event of a change, with the values that the first record has now. */
export function changeEvent(org: Org, change: Change): { readonly logged: LoggedEvent; readonly schema: EventSchema } {
  const object = org.schema.object(change.object);
  if (object === undefined) throw new Error(`no object ${change.object}`);
  const schema = eventSchema(object);
  const shown = shownFields(object, change);
  const values = valuesOf(org, object, schema, { id: change.ids[0] ?? '', shown });
  const nulled = [...shown].filter(
    (name) => change.changeType === 'UPDATE' && valueOf(org, object, change, name) === null,
  );
  const encoded = (hides: (field: FieldDef) => boolean): Buffer => {
    const told = new Set([...shown].filter((name) => !hidesName(object, name, hides)));
    return schema.type.toBuffer({
      ChangeEventHeader: {
        entityName: object.name,
        recordIds: change.ids,
        changeType: change.changeType,
        changeOrigin: change.changeType.startsWith('GAP_') ? '' : 'com/salesforce/api/rest/64.0',
        transactionKey: uuid(`${org.id}-${change.transaction}`),
        sequenceNumber: change.sequence,
        commitTimestamp: change.atMs,
        commitNumber: 1_100_670_000_000 + change.transaction,
        commitUser: change.userId,
        nulledFields: fieldBitmaps(schema.fields, new Set(nulled.filter((name) => told.has(name)))),
        diffFields: [],
        changedFields: change.changeType === 'UPDATE' ? fieldBitmaps(schema.fields, told) : [],
      },
      ...withoutHidden(schema, values, hides),
    });
  };
  const id = uuid(`${org.id}-${change.transaction}-${change.sequence}-${change.object}-${change.changeType}`);
  const payload = encoded(() => false);
  return {
    logged: { entity: object.name, event: { id, schemaId: schema.id, payload }, payloadWithout: encoded },
    schema,
  };
}

function hidesName(object: ObjectDef, name: string, hides: (field: FieldDef) => boolean): boolean {
  const field = object.fields.find((one) => one.name === name);
  return field !== undefined && hides(field);
}

type EventValues = Readonly<Record<string, unknown>>;

/** Developer guide, "Field-Level Security": the schema has all fields, the event those that the subscriber may see. */
function withoutHidden(schema: EventSchema, values: EventValues, hides: (field: FieldDef) => boolean): EventValues {
  return Object.fromEntries(
    schema.fields.map(({ name, field, parts }) => {
      const value = values[name] ?? null;
      if (field !== null) return [name, hides(field) ? null : value];
      if (value === null || parts.every((part) => hides(part.field))) return [name, null];
      const inside = Object(value) as EventValues;
      return [name, Object.fromEntries(parts.map((part) => [part.name, hides(part.field) ? null : inside[part.name]]))];
    }),
  );
}

/** Fields whose values are sent: all of a new record, those set of a changed one, none of a deleted one or a gap. */
function shownFields(object: ObjectDef, { changeType, changed }: Change): ReadonlySet<string> {
  switch (changeType) {
    case 'CREATE':
    case 'UNDELETE':
      return new Set(object.fields.map(({ name }) => name));
    case 'UPDATE':
      return new Set([...changed, 'LastModifiedDate']);
    default:
      return new Set();
  }
}

function valuesOf(
  org: Org,
  object: ObjectDef,
  schema: EventSchema,
  { id, shown }: { readonly id: string; readonly shown: ReadonlySet<string> },
): Readonly<Record<string, unknown>> {
  const table = org.table(object.name);
  const row = table.rowOf(id);
  const read = (field: FieldDef): unknown =>
    row === null || !shown.has(field.name) ? null : written(field, table.value(row, field));
  return Object.fromEntries(
    schema.fields.map(({ name, field, parts }) => {
      if (field !== null) return [name, read(field)];
      if (!parts.some((part) => shown.has(part.field.name))) return [name, null];
      return [name, Object.fromEntries(parts.map((part) => [part.name, read(part.field)]))];
    }),
  );
}

function valueOf(org: Org, object: ObjectDef, change: Change, name: string): Value {
  const table = org.table(object.name);
  const row = table.rowOf(change.ids[0] ?? '');
  const field = object.fields.find((one) => one.name === name);
  return row === null || field === undefined ? null : table.value(row, field);
}

/** Dates and times are milliseconds since 1970. */
function written(field: FieldDef, value: Value): unknown {
  if (value === null) return null;
  if (field.type === 'date') return typeof value === 'string' ? Date.parse(`${value}T00:00:00Z`) : null;
  if (field.type === 'datetime' || field.type === 'boolean') return value;
  if (field.type === 'double' || field.type === 'currency' || field.type === 'percent') return Number(value);
  if (field.type === 'int') return Math.trunc(Number(value));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function uuid(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20, 32),
  ].join('-');
}
