import type { Json, JsonObject } from '../../../kernel/index.ts';
import type { NativeField, NativeObject } from '../../../schema/index.ts';
import { stampOf } from '../native-record.ts';

/** Values as the ORM takes them: `false` is empty, moments are UTC without a zone, links are numbers. */
export function odooValues(object: NativeObject, values: Readonly<Record<string, Json>>): JsonObject {
  const byName = new Map(object.fields.map((field) => [field.name, field]));
  return Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Json] => [name, odooValue(byName.get(name), value)]),
  );
}

function odooValue(field: NativeField | undefined, value: Json): Json {
  if (value === null) return false;
  if (field === undefined) return value;
  if (field.nativeType === 'many2one' || field.nativeType === 'many2one_reference') return numberOf(value);
  // "ORM API", Command.SET: these and no others.
  if (field.nativeType === 'many2many')
    return [[6, 0, (Array.isArray(value) ? (value as readonly Json[]) : [value]).map(numberOf)]];
  if (field.type === 'datetime' && typeof value === 'string') return momentOf(value);
  return value;
}

function momentOf(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : stampOf(time);
}

/** Ids are texts here and whole numbers there. */
function numberOf(value: Json): Json {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : value;
}

/** Ids that Odoo can have; others name no record. */
export function idNumbers(ids: readonly (string | null)[]): number[] {
  return ids.map((id) => Number(id ?? '')).filter((id) => Number.isSafeInteger(id) && id > 0);
}
