import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import type { NativeField } from '../../schema/index.ts';
import type { NativeRecord } from '../contract.ts';
import { idAt, textAt, timeAt } from '../kit/answer-values.ts';
import { ownValue, readPath } from '../kit/value-path.ts';
import { domainOf } from './identity.ts';

/** Unique across calendars: an event has the same id in each calendar that it is in. */
export const eventKey = (calendar: string, id: string): string => `${calendar}/${id}`;

/**
 * One entry of an event list. A cancelled one is gone: of a deleted event
 * Google only promises the id, and of a cancelled instance of a series nothing
 * remains that a reader would call an event (reference of Events, `status`).
 */
export function eventRecord(
  calendar: { readonly id: string; readonly ownDomain: string | null },
  entry: JsonObject,
  fields: readonly NativeField[],
): NativeRecord {
  const id = eventKey(calendar.id, idAt(entry, 'id', 'list of events'));
  const modifiedAt = timeAt(entry, 'updated');
  if (entry['status'] === 'cancelled') return { id, modifiedAt, deleted: true, values: {} };
  const values: Record<string, Json> = {};
  const known = derivedValues(calendar, entry);
  for (const { name } of fields) {
    const value = known[name] ?? ownValue(entry, name) ?? readPath(entry, name.replace('_', '.'));
    if (value !== undefined) values[name] = value;
  }
  values['key'] = id;
  return { id, modifiedAt, deleted: false, values };
}

function derivedValues(
  { id, ownDomain }: { readonly id: string; readonly ownDomain: string | null },
  entry: JsonObject,
): Readonly<Record<string, Json | undefined>> {
  const people = attendeesOf(entry);
  const organizer = textAt(entry, 'organizer.email');
  const addresses = organizer === null ? people : [organizer.toLowerCase(), ...people];
  const external = ownDomain === null ? undefined : addresses.find((address) => isExternal(address, ownDomain));
  return {
    calendarId: id,
    start_day: dayOf(entry, 'start'),
    allDay: textAt(entry, 'start.date') !== null,
    attendees_email: people.length === 0 ? undefined : people,
    attendees_external_email: external,
    attendees_external_domain: external === undefined ? undefined : (domainOf(external) ?? undefined),
    // Left out where it is false.
    organizer_self: readPath(entry, 'organizer.self') === true,
  };
}

function attendeesOf(entry: JsonObject): string[] {
  const attendees = entry['attendees'];
  if (!Array.isArray(attendees)) return [];
  return (attendees as readonly Json[]).filter(isJsonObject).flatMap((attendee) => {
    const email = textAt(attendee, 'email');
    // Rooms and projectors are attendees, too.
    return email === null || attendee['resource'] === true ? [] : [email.toLowerCase()];
  });
}

/** Calendars that stand for no person have addresses of Google's own. */
const GOOGLES_OWN = 'calendar.google.com';

function isExternal(address: string, ownDomain: string): boolean {
  const domain = domainOf(address);
  return domain !== null && domain !== ownDomain && !domain.endsWith(GOOGLES_OWN);
}

/** An RFC 3339 time begins with the day in its own zone. */
function dayOf(entry: JsonObject, end: 'start' | 'end'): string | undefined {
  return (textAt(entry, `${end}.date`) ?? textAt(entry, `${end}.dateTime`))?.slice(0, 10);
}
