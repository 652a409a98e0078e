import { GantryError, limits } from '../../kernel/index.ts';
import type { NativeField, NativeObject, NativeObjectSummary } from '../../schema/index.ts';
import { isCarriable } from './answer-values.ts';

/** Without those whose name could not be kept or asked for. */
export function usableSummaries(all: readonly NativeObjectSummary[]): NativeObjectSummary[] {
  return all.filter(({ name }) => isName(name));
}

/**
 * A provider's description as everything behind it can take it: each field has
 * a name of its own that can be stored, asked for and read back. Raises
 * `upstream_too_large` for more fields than a table can have.
 */
export function usableObject(title: string, object: NativeObject): NativeObject {
  const fields = new Map<string, NativeField>();
  for (const field of object.fields) {
    if (isName(field.name) && !fields.has(field.name)) fields.set(field.name, usableField(field));
  }
  if (fields.size <= limits.objectFieldsMax) return { ...object, fields: [...fields.values()] };
  throw new GantryError('upstream_too_large', {
    message: `${title} says that "${object.name}" has ${String(fields.size)} fields; at most ${String(limits.objectFieldsMax)} can be read.`,
    where: object.name,
    fix: 'Hide fields that nobody needs from the connected user, or leave the object out of the integration.',
    data: { class: 'too_large', object: object.name, fields: fields.size },
  });
}

/** `__proto__` is no key of an object like others. */
const isName = (name: string): boolean => name !== '' && name !== '__proto__' && isCarriable(name);

function usableField({ scale, values, ...field }: NativeField): NativeField {
  const isDigits = scale !== undefined && Number.isInteger(scale) && scale >= 0;
  // A list that long closes nothing: its field takes any text.
  const isList = values !== undefined && values.length <= limits.enumValuesMax;
  return { ...field, ...(isDigits ? { scale } : {}), ...(isList ? { values } : {}) };
}
