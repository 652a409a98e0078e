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
  if (typeof value === 'string' && value !== '' && value.length <= limits.recordIdCharsMax) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw missing(path, 'an identifier', where);
}

/** Text, or a number as text; null where there is none. */
export function textAt(body: Json, path: string): string | null {
  const value = readPath(body, path);
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}

/** A time that the provider states, as text or as seconds since 1970; null where it is absent or unreadable. */
export function timeAt(record: Json, path: string): Date | null {
  const value = readPath(record, path);
  if (typeof value === 'number') return new Date(value * 1_000);
  if (typeof value !== 'string') return null;
  // Salesforce writes the zone as +0000, which ECMAScript does not promise to read.
  const ms = Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(ms) ? null : new Date(ms);
}

function missing(path: string, expected: string, where: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The provider's answer lacks "${path}" (${expected}).`,
    where,
    data: { class: 'malformed_response', path },
  });
}
