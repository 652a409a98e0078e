import { GantryError, isJsonObject, limits, type Json, type JsonObject } from '../../kernel/index.ts';
import { readPath } from './value-path.ts';

/** Required parts of an answer. What is missing or of another shape raises `upstream_malformed`. */
export function listAt(body: Json, path: string, where: string): readonly JsonObject[] {
  const value = readPath(body, path);
  if (!Array.isArray(value) || !value.every(isJsonObject)) throw missing(path, 'a list of objects', where);
  return value;
}

export function booleanAt(body: Json, path: string, where: string): boolean {
  const value = readPath(body, path);
  if (typeof value !== 'boolean') throw missing(path, 'true or false', where);
  return value;
}

export function numberAt(body: Json, path: string, where: string): number {
  const value = readPath(body, path);
  if (typeof value !== 'number') throw missing(path, 'a number', where);
  return value;
}

/** An identifier as text, of a length that can be stored and asked for. A number beyond 2^53 has already lost digits when JSON was parsed: two records would become one. */
export function idAt(record: Json, path: string, where: string): string {
  const value = readPath(record, path);
  if (typeof value === 'string' && value !== '' && isCarriable(value)) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw missing(path, 'an identifier', where);
}

/** Whether a name or id comes back as it went out: no control characters, no half of a surrogate pair, no endless length. */
export const isCarriable = (text: string): boolean =>
  text.length <= limits.recordIdCharsMax && !/[\p{Cc}\p{Cs}]/u.test(text);

/** Text, or a number as text; null where there is none. */
export function textAt(body: Json, path: string): string | null {
  const value = readPath(body, path);
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}

/** A time that the provider states, as text or as seconds since 1970; null where it is absent or unreadable. */
export function timeAt(record: Json, path: string): Date | null {
  const value = readPath(record, path);
  if (typeof value === 'number') return momentAt(value * 1_000);
  if (typeof value !== 'string') return null;
  // Salesforce writes the zone as +0000, which ECMAScript does not promise to read.
  return momentAt(Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')));
}

const [FIRST_MS, LAST_MS] = [Date.parse('0001-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** A moment of the years 1 to 9999, which is all that dates are written for; null for any other. */
export const momentAt = (ms: number): Date | null => (ms >= FIRST_MS && ms <= LAST_MS ? new Date(ms) : null);

/** A clock further off than this is no clock. */
const CLOCK_SKEW_MAX_MS = 86_400_000;

/** The provider's own time at an answer, where it says one that can be. */
export function serverTimeOf({ headers, askedAt }: { readonly headers: Headers; readonly askedAt: Date }): Date {
  const stated = Date.parse(headers.get('date') ?? '');
  return Math.abs(stated - askedAt.getTime()) <= CLOCK_SKEW_MAX_MS ? new Date(stated) : askedAt;
}

function missing(path: string, expected: string, where: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The provider's answer lacks "${path}" (${expected}).`,
    where,
    data: { class: 'malformed_response', path },
  });
}
