import { json, type SandboxResponse } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { ACCESS_ROLES, allows, type AccessRole } from '../access/roles.ts';
import type { CalendarRecord } from '../directory.ts';
import { calendarOf, flag, isResponse, size, type Call } from './context.ts';
import { invalidParameter, notFound, restrictedSyncToken } from './errors.ts';
import { nextToken, placeIn } from './list-place.ts';
import { etagOf, type Json } from './present.ts';

const CONFERENCES = { allowedConferenceSolutionTypes: ['hangoutsMeet'] };

/** Calendars: get. */
export function getCalendar(call: Call): SandboxResponse {
  const open = calendarOf(call);
  if (isResponse(open)) return open;
  const { id, summary, description, timeZone } = open.calendar;
  return json(200, {
    kind: 'calendar#calendar',
    etag: tagOf(call.account, open.calendar),
    id,
    summary,
    ...(description === null ? {} : { description }),
    timeZone,
    conferenceProperties: CONFERENCES,
  });
}

/** CalendarList: get. */
export function getListEntry(call: Call): SandboxResponse {
  const open = calendarOf(call);
  if (isResponse(open)) return open;
  if (!call.account.directory.subscribes(call.user, open.calendar)) return notFound();
  return json(200, entry(call, open.calendar));
}

/** CalendarList: list, with sync tokens of its own. */
export function listCalendars(call: Call): SandboxResponse {
  const { account, request, user } = call;
  const { query } = request;
  const syncText = query.get('syncToken');
  const pageSize = size(query, 'maxResults', 100, 250);
  const showDeleted = flag(query, 'showDeleted') ?? false;
  const showHidden = flag(query, 'showHidden') ?? false;
  const least = query.get('minAccessRole');
  if (typeof pageSize !== 'number') return pageSize;
  if (typeof showDeleted !== 'boolean') return showDeleted;
  if (typeof showHidden !== 'boolean') return showHidden;
  if (least !== null && !ACCESS_ROLES.some((role) => role === least && role !== 'none'))
    return invalidParameter('minAccessRole', `Invalid string value: '${least}'.`);
  if (
    syncText !== null &&
    (least !== null || query.get('showDeleted') === 'false' || query.get('showHidden') === 'false')
  )
    return restrictedSyncToken();

  const list = `calendarList of ${String(user)}`;
  const place = placeIn(account, query, list);
  if (isResponse(place)) return place;
  const { sync, page } = place;

  const since = sync?.seq ?? null;
  const kept = account.directory.calendars().filter((calendar) => {
    // What one took off one's own list is news once.
    if (!account.directory.subscribes(user, calendar)) return since !== null && left(account, user, calendar, since);
    const role = account.directory.access(user, calendar);
    if (since !== null) return calendar.changed > since;
    if (role === 'none') return showDeleted && calendar.changed > 0;
    return (showHidden || calendar.listed === 'shown') && (least === null || allows(role, least as AccessRole));
  });
  const rest = kept.toSorted((a, b) => (a.id < b.id ? -1 : 1)).filter(({ id }) => page === null || id > page.afterId);
  const items = rest.slice(0, pageSize);
  const last = items.at(-1);
  const hasMore = rest.length > items.length && last !== undefined;
  // A list by role begins no changes.
  const next = hasMore || least === null ? nextToken(account, list, place, hasMore ? last.id : null) : {};
  const etag = `"p${etagOf(account.clock.now().getTime()).slice(1, -1)}"`;
  return json(200, {
    kind: 'calendar#calendarList',
    etag,
    ...next,
    items: items.map((calendar) => entry(call, calendar)),
  });
}

function left({ directory }: Account, user: number, calendar: CalendarRecord, since: number): boolean {
  return directory.unsubscribed(user, calendar) && calendar.changed > since;
}

/** A calendar as it stands on the caller's list. */
export function entry({ account, user }: Call, calendar: CalendarRecord): Json {
  const role = account.directory.access(user, calendar);
  const own = calendar.user === user;
  const head = { kind: 'calendar#calendarListEntry', etag: tagOf(account, calendar), id: calendar.id };
  if (role === 'none' || account.directory.unsubscribed(user, calendar)) return { ...head, deleted: true };
  return {
    ...head,
    summary: calendar.summary,
    ...(calendar.description === null ? {} : { description: calendar.description }),
    timeZone: calendar.timeZone,
    colorId: own ? '14' : '7',
    backgroundColor: own ? '#9fe1e7' : '#42d692',
    foregroundColor: '#000000',
    ...(calendar.listed === 'hidden' ? { hidden: true } : { selected: true }),
    accessRole: role,
    defaultReminders: own ? [{ method: 'popup', minutes: 10 }] : [],
    ...(own
      ? {
          notificationSettings: {
            notifications: [
              { type: 'eventCreation', method: 'email' },
              { type: 'eventCancellation', method: 'email' },
            ],
          },
          primary: true,
        }
      : {}),
    conferenceProperties: CONFERENCES,
  };
}

function tagOf(account: Account, calendar: CalendarRecord): string {
  return etagOf(account.world.anchor.getTime() + calendar.changed);
}
