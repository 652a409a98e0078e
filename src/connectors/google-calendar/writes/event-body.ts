import { contentHash, isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts';
import type { WriteItem } from '../../writes.ts';

/**
 * Chosen by us and the same for every sending: a second one is a duplicate of
 * the first. Google takes 5 to 1,024 characters of base32hex (reference of
 * Events, `id`); a hash in hexadecimal is made of those.
 */
export const eventIdOf = (key: string): string => contentHash(key);

/** Said by the address, not by the body. */
const OF_THE_ADDRESS = 'calendarId';

/** Fields with an underscore are nested once, as in event-record.ts. Null empties a field. */
export function eventBody(item: WriteItem): JsonObject {
  const body: Record<string, Json> = {};
  const nested: Record<string, Record<string, Json>> = {};
  for (const [field, value] of Object.entries(item.values)) {
    if (field === OF_THE_ADDRESS) continue;
    const [outer = '', inner] = field.split('_', 2);
    if (inner === undefined) body[field] = field === 'attendees' ? attendees(value) : value;
    else nested[outer] = { ...nested[outer], [inner]: value };
  }
  // A day and a time exclude each other: who sets one takes the other away.
  for (const end of ['start', 'end']) {
    const given = nested[end];
    if (given === undefined) continue;
    if (typeof given['dateTime'] === 'string' && !('date' in given)) given['date'] = null;
    if (typeof given['date'] === 'string' && !('dateTime' in given)) given['dateTime'] = null;
  }
  return { ...body, ...nested };
}

/** Addresses alone are enough. */
const attendees = (value: Json): Json =>
  Array.isArray(value)
    ? (value as readonly Json[]).map((each) => (isJsonObject(each) ? each : { email: each }))
    : value;
