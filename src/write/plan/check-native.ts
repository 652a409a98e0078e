import type { Json, JsonObject } from '../../kernel/index.ts';
import { coerce, type NativeField, type NativeObject, type RecordType } from '../../schema/index.ts';
import type { Mistake } from './problems.ts';

export type NativeCheck =
  { readonly kind: 'ok'; readonly value: Json } | { readonly kind: 'wrong'; readonly mistake: Mistake };

/**
 * Whether the source would take the value, as far as its discovered schema
 * tells; the value in the one spelling of its type. `name` is what the field is
 * called in what was asked for.
 */
export function checkNative(
  field: NativeField,
  value: Json,
  {
    object,
    recordType,
    name,
    isResult = false,
  }: {
    readonly object: NativeObject;
    readonly recordType: RecordType | null;
    readonly name: string;
    /** What it will be is not known yet. */
    readonly isResult?: boolean;
  },
): NativeCheck {
  if (!field.writable || field.computed === true || field.name === object.idField) {
    return wrong('write_field_read_only', `${name} cannot be written in ${object.label}.`, 'Leave it out.');
  }
  if (isResult) return { kind: 'ok', value };
  const coerced = coerce(field, value);
  if (!coerced.ok) {
    return wrong('write_value_invalid', `${name}: ${coerced.reason}.`, `Write a value of type ${field.type}.`);
  }
  const native = coerced.value;
  if (native === null) {
    return field.nullable
      ? { kind: 'ok', value: null }
      : wrong('write_value_missing', `${name} cannot be empty.`, 'Give it a value, or leave it out.');
  }
  return (
    tooLong(field, native, name) ?? notAllowed(field, native, { recordType, name }) ?? { kind: 'ok', value: native }
  );
}

const wrong = (code: Mistake['code'], message: string, fix: string): NativeCheck => ({
  kind: 'wrong',
  mistake: { code, message, fix },
});

function tooLong({ lengthMax, scale, type }: NativeField, value: Json, name: string): NativeCheck | null {
  if (typeof value === 'string' && lengthMax !== undefined && [...value].length > lengthMax) {
    const length = [...value].length;
    return wrong(
      'write_value_too_long',
      `${name} has ${String(length)} characters; at most ${String(lengthMax)} fit.`,
      'Shorten it.',
    );
  }
  if (type === 'decimal' && typeof value === 'number' && scale !== undefined && digitsAfterPoint(value) > scale) {
    return wrong(
      'write_value_too_long',
      `${name} has more than ${String(scale)} digits after the point.`,
      'Round it as it is meant.',
    );
  }
  return null;
}

function digitsAfterPoint(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const digits = mantissa.split('.')[1]?.length ?? 0;
  return Math.max(0, digits - Number(exponent));
}

function notAllowed(
  { name: native, values }: NativeField,
  value: Json,
  { recordType, name }: { readonly recordType: RecordType | null; readonly name: string },
): NativeCheck | null {
  const own = recordType?.values[native];
  const open = values?.filter(({ active }) => active).map((each) => each.value);
  const allowed = own ?? open;
  if (allowed === undefined) return null;
  const given = Array.isArray(value) ? (value as readonly Json[]) : [value];
  const odd = given.find((each) => typeof each !== 'string' || !allowed.includes(each));
  if (odd === undefined) return null;
  const among = own === undefined ? '' : ` in records of type ${recordType?.label ?? ''}`;
  return wrong(
    'write_value_not_allowed',
    `${JSON.stringify(odd).slice(0, 100)} is no value of ${name}${among}.`,
    `Use one of: ${allowed.slice(0, 30).join(', ')}.`,
  );
}

/** The kind of record, as its values will say; null where the object has none, or nobody can tell. */
export function recordTypeOf({ recordTypes, fields }: NativeObject, after: JsonObject): RecordType | null {
  if (recordTypes === undefined || recordTypes.length === 0) return null;
  const field = fields.find(({ references }) => references?.length === 1 && references[0] === 'RecordType');
  const id = field === undefined ? undefined : after[field.name];
  const said = recordTypes.find((each) => each.id === id);
  return said ?? (id === undefined || id === null ? (recordTypes.find((each) => each.default) ?? null) : null);
}

/** What a new record would lack. */
export const missingRequired = ({ fields, idField }: NativeObject, values: JsonObject): readonly NativeField[] =>
  fields.filter(
    ({ name, required, writable }) =>
      required === true && writable && name !== idField && (values[name] === undefined || values[name] === null),
  );
