import type { Json } from '../kernel/index.ts';
import type { FieldType, NativeField } from './native.ts';

export type Coerced = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly reason: string };

/**
 * A provider's value in the one spelling of its type (schema/native.ts), or
 * the reason why it does not fit. Never guesses: a number in a text field is
 * text, but text in a number field is a misfit even when it looks like one
 * that was meant (`1.000,00`); turning such text into numbers is the mapping's
 * business, where somebody declared how.
 */
export function coerce(field: NativeField, value: Json): Coerced {
  if (value === null) return fits(null);
  // Providers spell "empty" as "" for every type; only text can really hold it.
  if (value === '' && !isText(field.type)) return fits(null);
  return coercers[field.type](value, field);
}

type Coercer = (value: Exclude<Json, null>, field: NativeField) => Coerced;

const fits = (value: Json): Coerced => ({ ok: true, value });
const misfit = (reason: string): Coerced => ({ ok: false, reason });

function isText(type: FieldType): boolean {
  return type === 'string' || type === 'text' || type === 'json';
}

const asText: Coercer = (value) => {
  if (typeof value === 'string') return fits(value.includes('\u0000') ? value.replaceAll('\u0000', '') : value);
  if (typeof value === 'number' || typeof value === 'boolean') return fits(String(value));
  return misfit(`expected text, got ${kindOf(value)}`);
};

const asName: Coercer = (value) => {
  if (typeof value === 'string') return fits(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return fits(String(value));
  return misfit(`expected an identifier, got ${kindOf(value)}`);
};

const asNumber: Coercer = (value) => {
  const number = numberIn(value);
  return number === null ? misfit(`expected a number, got ${kindOf(value)}`) : fits(number);
};

/** Digits left of the point that DECIMAL(18, scale) can hold: the lens's widest exact type in 64 bits. */
const DECIMAL_DIGITS = 18;

const asDecimal: Coercer = (value, field) => {
  const number = numberIn(value);
  if (number === null) return misfit(`expected a number, got ${kindOf(value)}`);
  if (Math.abs(number) >= 10 ** (DECIMAL_DIGITS - (field.scale ?? 2))) {
    return misfit(`number has more than ${String(DECIMAL_DIGITS - (field.scale ?? 2))} digits before the point`);
  }
  return fits(number);
};

const asInteger: Coercer = (value) => {
  const number = numberIn(value);
  if (number === null) return misfit(`expected a whole number, got ${kindOf(value)}`);
  return Number.isSafeInteger(number) ? fits(number) : misfit('expected a whole number within 2^53');
};

const asBoolean: Coercer = (value) => {
  if (typeof value === 'boolean') return fits(value);
  if (value === 'true' || value === 'false') return fits(value === 'true');
  return misfit(`expected true or false, got ${kindOf(value)}`);
};

const asDate: Coercer = (value) => {
  if (typeof value !== 'string') return misfit(`expected a date, got ${kindOf(value)}`);
  const day = /^(\d{4}-\d{2}-\d{2})(?:T.*)?$/.exec(value)?.[1];
  if (day === undefined || !isCalendarDay(day)) return misfit('expected a date such as 2026-01-31');
  return fits(day);
};

const asDatetime: Coercer = (value) => {
  if (typeof value !== 'string') return misfit(`expected a date and time, got ${kindOf(value)}`);
  const parts = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.exec(value);
  if (parts === null || !isCalendarDay(parts[1] ?? '')) return misfit('expected a date and time with a zone');
  // Salesforce writes +0000, which ECMAScript does not read.
  const time = Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(time)) return misfit('expected a date and time with a zone');
  const moment = new Date(time).toISOString();
  // A zone can carry the last day of 9999 into a year that has no spelling.
  return /^\d{4}-/.test(moment) && !moment.startsWith('0000')
    ? fits(moment)
    : misfit('expected a moment of the years 1 to 9999');
};

const asTime: Coercer = (value) => {
  if (typeof value !== 'string') return misfit(`expected a time of day, got ${kindOf(value)}`);
  const parts = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?Z?$/.exec(value);
  if (parts === null) return misfit('expected a time of day such as 09:30:00');
  return fits(`${parts[1] ?? '00'}:${parts[2] ?? '00'}:${parts[3] ?? '00'}`);
};

const asMultiEnum: Coercer = (value) => {
  if (!Array.isArray(value)) return misfit(`expected a list, got ${kindOf(value)}`);
  const items: string[] = [];
  for (const item of value) {
    if (typeof item === 'string') items.push(item);
    else if (typeof item === 'number') items.push(String(item));
    else return misfit('expected a list of texts');
  }
  return fits(items);
};

const coercers: Record<FieldType, Coercer> = {
  id: asName,
  reference: asName,
  string: asText,
  text: asText,
  enum: asText,
  boolean: asBoolean,
  integer: asInteger,
  number: asNumber,
  decimal: asDecimal,
  date: asDate,
  datetime: asDatetime,
  time: asTime,
  multi_enum: asMultiEnum,
  json: (value) => fits(value),
};

/** Providers send exact decimals as text ("12.50"); only plain spellings count. */
function numberIn(value: Json): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) {
    const number = Number(value);
    return Number.isFinite(number) ? number : null;
  }
  return null;
}

/**
 * True for days that exist, of those spelled `yyyy-mm-dd`: Date.parse turns
 * February 30 into March 2, and SQL has no year 0. Counted, because every
 * record has some, and a Date for each takes as long as all other checks.
 */
function isCalendarDay(day: string): boolean {
  const [year, month, date] = [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))];
  if (year < 1 || date < 1) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return date <= (month === 2 && isLeap ? 29 : (DAYS_OF_MONTHS[month - 1] ?? 0));
}

const DAYS_OF_MONTHS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return 'text';
  if (typeof value !== 'number') return 'true or false';
  return Number.isFinite(value) ? 'a number' : 'one that is too large';
}
