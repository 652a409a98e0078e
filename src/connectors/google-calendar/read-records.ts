import {
  canonicalJson,
  concurrently,
  contentHash,
  GantryError,
  isJsonObject,
  limits,
  type JsonObject,
} from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { NativeRecord, RecordsById } from '../contract.ts';
import { textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { eventRecord } from './event-record.ts';
import { domainOf } from './identity.ts';
import { allCalendars, calendarRecord } from './read-calendars.ts';

/** Events one by one (Events.get): Google has no call for several. Calendars come all at once. */
export async function readRecords(
  context: SessionContext,
  object: NativeObject,
  ids: readonly string[],
): Promise<RecordsById> {
  const readAt = context.clock.now();
  const calendars = await allCalendars(context);
  const found =
    object.name === 'calendars'
      ? calendarsNamed(object, calendars, ids)
      : await eventsNamed(context, object, calendars, ids);
  const known = new Set(found.map(({ id }) => id));
  return { records: found, missing: ids.filter((id) => !known.has(id)), readAt };
}

function calendarsNamed(
  object: NativeObject,
  calendars: readonly JsonObject[],
  ids: readonly string[],
): NativeRecord[] {
  return calendars.map((entry) => calendarRecord(object, entry)).filter(({ id }) => ids.includes(id));
}

async function eventsNamed(
  context: SessionContext,
  object: NativeObject,
  calendars: readonly JsonObject[],
  ids: readonly string[],
): Promise<NativeRecord[]> {
  const primary = calendars.find((entry) => entry['primary'] === true);
  const ownDomain = primary === undefined ? null : domainOf(textAt(primary, 'id') ?? '');
  const listed = new Set(calendars.map((entry) => textAt(entry, 'id')));
  const answers = await concurrently([...new Set(ids)], limits.describesAtOnce, async (key) => {
    // An event's own id has no slash (reference of Events, `id`).
    const slash = key.lastIndexOf('/');
    const [calendar, event] = [key.slice(0, slash), key.slice(slash + 1)];
    if (slash < 1 || event === '' || !listed.has(calendar)) return null;
    const entry = await eventIfThere(context, calendar, event);
    return entry === null ? null : eventRecord({ id: calendar, ownDomain }, entry, object.fields);
  });
  return answers.filter((record) => record !== null);
}

/** Null: gone, or in a calendar that the user is not shown. Cancelled ones are there. */
export async function eventIfThere(
  { http }: SessionContext,
  calendar: string,
  event: string,
): Promise<JsonObject | null> {
  const path = `/calendar/v3/calendars/${encodeURIComponent(calendar)}/events/${encodeURIComponent(event)}`;
  try {
    const { body } = await http({ path });
    return isJsonObject(body) ? body : null;
  } catch (error) {
    if (error instanceof GantryError && GONE.has(error.code)) return null;
    throw error;
  }
}

const GONE = new Set(['upstream_object_missing', 'upstream_forbidden', 'cursor_expired']);

/** Which calendars are in the user's list, and with which role: a calendar that is no longer shared takes its events away. */
export async function grantsHash(context: SessionContext): Promise<string | null> {
  const roles = (await allCalendars(context)).map(
    (entry) => `${textAt(entry, 'id') ?? ''} ${textAt(entry, 'accessRole') ?? ''}`,
  );
  return contentHash(canonicalJson(roles.toSorted()));
}
