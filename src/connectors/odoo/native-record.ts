import type { Json, JsonObject } from '../../kernel/index.ts';
import type { NativeField, NativeObject } from '../../schema/index.ts';
import type { NativeRecord } from '../contract.ts';
import { idAt, momentAt, textAt } from '../kit/answer-values.ts';
import { ownValue } from '../kit/value-path.ts';
import { displayNameOf } from './native-field.ts';

/** A row of `search_read` as a record. Odoo writes `false` for every empty value but a boolean. */
export function nativeRecord(object: NativeObject, row: JsonObject): NativeRecord {
  const id = idAt(row, 'id', `record of "${object.name}"`);
  const values: Record<string, Json> = {};
  for (const field of object.fields) {
    const value = ownValue(row, field.name);
    if (value === undefined) continue;
    values[field.name] = valueOf(field, value);
    if (field.nativeType === 'many2one') values[displayNameOf(field.name)] = displayName(value);
  }
  return { id, modifiedAt: stampTime(textAt(row, 'write_date')), deleted: false, values: onlyKnown(object, values) };
}

/** A companion's name may be taken by a field of the customer's own. */
function onlyKnown(object: NativeObject, values: Readonly<Record<string, Json>>): Record<string, Json> {
  const known = new Set(object.fields.map((field) => field.name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => known.has(name)));
}

function valueOf({ type, nativeType }: NativeField, value: Json): Json {
  if (value === false && type !== 'boolean') return null;
  if (nativeType === 'many2one') return Array.isArray(value) ? ((value as readonly Json[])[0] ?? null) : value;
  // UTC, says the reference of fields.Datetime, and written without a zone.
  if (type === 'datetime' && typeof value === 'string') return stampTime(value)?.toISOString() ?? value;
  return value;
}

/** The name in `[7, "Azure Interior"]`; null for `false` and for a bare id. */
export function displayName(value: Json | undefined): string | null {
  const name: Json | undefined = Array.isArray(value) ? (value as readonly Json[])[1] : undefined;
  return typeof name === 'string' ? name : null;
}

/** `2026-01-31 10:00:00` in UTC; null for anything else. */
export function stampTime(text: string | null): Date | null {
  const parts = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.\d+)?$/.exec(text ?? '');
  if (parts === null) return null;
  const [, day = '', time = ''] = parts;
  const moment = momentAt(Date.parse(`${day}T${time}Z`));
  // Date.parse turns February 30 into March 2.
  return moment?.toISOString().startsWith(day) === true ? moment : null;
}

/** A moment as domains take it: whole seconds, UTC. */
export const stampOf = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ');
