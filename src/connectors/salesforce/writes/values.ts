import type { Json, JsonObject } from '../../../kernel/index.ts';
import type { WriteItem } from '../../writes.ts';

/** An id as Salesforce writes them; null: it is none. */
export const idIn = (text: string | null): string | null =>
  text !== null && /^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/.test(text) ? text : null;

/** The same record, whether it is named by 15 characters or by 18. */
export const isSameId = (a: string, b: string): boolean => a.slice(0, 15) === b.slice(0, 15);

/** A value as the REST API takes it: multi-select picklists are one text with semicolons. */
export const restValue = (value: Json): Json =>
  Array.isArray(value) ? (value as readonly Json[]).map(String).join(';') : value;

export const restValues = (item: WriteItem): JsonObject =>
  Object.fromEntries(Object.entries(item.values).map(([field, value]) => [field, restValue(value)]));

export const EMPTY_CELL = '#N/A';

/** As Bulk API 2.0 takes it: an empty cell leaves the field as it is, `#N/A` empties it. */
export function csvValue(value: Json | undefined): string {
  if (value === undefined) return '';
  if (value === null || value === '') return EMPTY_CELL;
  const plain = restValue(value);
  const text = typeof plain === 'string' ? plain : JSON.stringify(plain);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
