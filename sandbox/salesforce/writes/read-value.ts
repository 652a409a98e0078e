import type { FieldDef, FieldType, Value } from '../schema/field.ts';
import { sortOf } from '../soql/operand.ts';
import { ofField, RequestError, saveError, shownText, type SaveError } from './save-error.ts';

/** `json`: values of REST bodies, by their type. `text`: cells of a CSV file. */
export type Spelling = 'json' | 'text';

export type ReadValue =
  { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'wrong'; readonly error: SaveError };

/**
 * A value as a client spells it, in the sandbox's own form. A JSON value of
 * another type than the field's cannot even be parsed: throws RequestError.
 */
export function readValue(field: FieldDef, given: unknown, spelling: Spelling): ReadValue {
  if (given === null || given === '') return { kind: 'value', value: field.type === 'boolean' ? false : null };
  const sort = sortOf(field.type);
  const read = READERS[sort](given, spelling);
  if (read !== undefined) return checked(field, read);
  if (spelling === 'text')
    return wrong(ofField('INVALID_TYPE_ON_FIELD_IN_RECORD', field, `value not of required type: ${shownText(given)}`));
  const token =
    typeof given === 'string' ? 'VALUE_STRING' : typeof given === 'number' ? 'VALUE_NUMBER' : 'START_OBJECT';
  const shown = typeof given === 'object' ? '' : ` value ${shownText(given)}`;
  throw new RequestError(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${PARSED[field.type] ?? 'string'} from ${token}${shown} or request may be missing a required field at [line:1, column:2]`,
  );
}

const PARSED: Partial<Record<FieldType, string>> = {
  boolean: 'boolean',
  int: 'int',
  double: 'double',
  currency: 'currency',
  percent: 'percent',
  date: 'date',
  datetime: 'datetime',
  time: 'time',
  reference: 'reference',
};

type Read = string | number | boolean | undefined;

/** Undefined: not of that type. */
const READERS: Readonly<Record<ReturnType<typeof sortOf>, (given: unknown, spelling: Spelling) => Read>> = {
  boolean: (given) => {
    if (typeof given === 'boolean') return given;
    const text = typeof given === 'string' ? given.toLowerCase() : '';
    return text === 'true' || text === 'false' ? text === 'true' : undefined;
  },
  number: (given) => {
    if (typeof given === 'number') return given;
    return typeof given === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(given)
      ? Number(given)
      : undefined;
  },
  date: (given) => {
    const day = typeof given === 'string' ? /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(given)?.[1] : undefined;
    const parsed = new Date(`${day ?? ''}T00:00:00Z`);
    return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== day ? undefined : day;
  },
  datetime: (given) => {
    if (typeof given !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(given)) return undefined;
    const ms = Date.parse(given.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
    return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000) * 1000;
  },
  time: (given) =>
    typeof given === 'string' && /^\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z?$/.test(given) ? given : undefined,
  id: (given) => (typeof given === 'string' ? given : undefined),
  text: (given, spelling) => (typeof given === 'string' || spelling === 'text' ? String(given) : undefined),
};

function checked(field: FieldDef, value: string | number | boolean): ReadValue {
  const error =
    typeof value === 'number' && field.type !== 'datetime'
      ? outOfRange(field, value)
      : typeof value === 'string'
        ? badText(field, value)
        : null;
  if (error !== null) return wrong(error);
  if (typeof value !== 'number' || field.type === 'datetime') return { kind: 'value', value };
  const scale = 10 ** (field.type === 'int' ? 0 : field.scale);
  return { kind: 'value', value: Math.round(value * scale) / scale };
}

/** Digits before the point are precision less scale; whole numbers have `length` of them. */
function outOfRange(field: FieldDef, value: number): SaveError | null {
  const digits = field.type === 'int' ? field.length || 9 : field.precision - field.scale;
  if (Math.abs(value) < 10 ** digits) return null;
  return ofField('NUMBER_OUTSIDE_VALID_RANGE', field, `value outside of valid range on numeric field: ${value}`);
}

function badText(field: FieldDef, value: string): SaveError | null {
  if (field.length > 0 && field.type !== 'reference' && value.length > field.length) {
    const message = `data value too large: ${value} (max length=${field.length})`;
    return ofField('STRING_TOO_LONG', field, message);
  }
  if (field.type === 'email' && !/^[^\s@,;]+@[^\s@,;]+\.[^\s@,;.]+$/.test(value))
    return ofField('INVALID_EMAIL_ADDRESS', field, `invalid email address: ${value}`);
  return null;
}

function wrong(error: SaveError): ReadValue {
  return { kind: 'wrong', error };
}

/** A picklist that takes its own values only, of these those that the record type offers. */
export function outsidePicklist(field: FieldDef, value: Value, offered: readonly string[]): SaveError | null {
  if (!field.restrictedPicklist || typeof value !== 'string') return null;
  const parts = field.type === 'multipicklist' ? value.split(';') : [value];
  const bad = parts.find((part) => !offered.includes(part));
  return bad === undefined
    ? null
    : ofField('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', field, `bad value for restricted picklist field: ${bad}`);
}

export function missing(names: readonly string[]): SaveError {
  return saveError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names);
}
