import { json, type SandboxResponse } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { allows } from '../access/roles.ts';
import type { CalendarEvent } from '../event.ts';
import { instancesOf, lightOf, type Light } from '../store/light.ts';
import { isTimeZone } from '../zone.ts';
import { calendarOf, flag, isResponse, size, type Call, type OpenCalendar } from './context.ts';
import { badRequest, fullSyncRequired, invalid, notFound, readerNeeded } from './errors.ts';
import { parseListQuery, type ListQuery } from './list-query.ts';
import { etagOf, hidesDetails, presentEvent, type Json } from './present.ts';
import { encodeToken } from './tokens.ts';

const DAY_MS = 86_400_000;

/** Events: list, as a full reading or as what changed since a sync token. */
export function listEvents(call: Call): SandboxResponse {
  const open = readable(call);
  if (isResponse(open)) return open;
  const { account, request } = call;
  const query = parseListQuery(account, open.calendar, request.query);
  if (isResponse(query)) return query;
  // "... or changes in related ACLs": what one may see changed, so what one has is not to be patched.
  if (query.sync !== null && query.sync.role !== open.role) return fullSyncRequired();

  const seq = query.page?.seq ?? account.events.seq();
  const found = matching(account, open, query);
  const items = found.slice(0, query.pageSize);
  const last = items.at(-1);
  const more = found.length > items.length && last !== undefined;
  const next = more
    ? {
        nextPageToken: encodeToken({
          kind: 'page',
          list: open.calendar.id,
          seq,
          shape: query.shape,
          afterKey: sortKey(last, query.orderBy),
          afterId: last.id,
        }),
      }
    : query.tokenFollows
      ? {
          nextSyncToken: encodeToken({
            kind: 'sync',
            list: open.calendar.id,
            seq,
            issuedMs: account.clock.now().getTime(),
            epoch: account.epoch,
            shape: `single=${String(query.singleEvents)}`,
            role: open.role,
          }),
        }
      : {};
  return json(200, {
    ...envelope(account, open, query.timeZone),
    ...next,
    items: items.map((light) => presentEvent(light.read(), open, presentation(query))),
  });
}

/** Events: get. Cancelled events are given in full where they are still known. */
export function getEvent(call: Call): SandboxResponse {
  const open = readable(call);
  if (isResponse(open)) return open;
  const { account, request } = call;
  const event = account.events.get(request.params['event'] ?? '');
  if (event === null || !account.events.isOn(open.calendar.id, event)) return notFound();
  const timeZone = request.query.get('timeZone') ?? open.calendar.timeZone;
  if (!isTimeZone(timeZone)) return invalid('timeZone', 'Invalid time zone definition.');
  return json(
    200,
    presentEvent(event, open, { timeZone, maxAttendees: Number.POSITIVE_INFINITY, cancelledInFull: true }),
    {
      etag: etagOf(event.updatedMs),
    },
  );
}

/** Events: instances, of a series only. */
export function listInstances(call: Call): SandboxResponse {
  const open = readable(call);
  if (isResponse(open)) return open;
  const { account, request } = call;
  const master = account.events.get(request.params['event'] ?? '');
  if (master === null || !account.events.isOn(open.calendar.id, master)) return notFound();
  if (master.recurrence === null) return badRequest();
  const pageSize = size(request.query, 'maxResults', 250, 2_500);
  const showDeleted = flag(request.query, 'showDeleted') ?? false;
  if (typeof pageSize !== 'number') return pageSize;
  if (typeof showDeleted !== 'boolean') return showDeleted;
  const items = expanded(account, [lightOf(master, () => master), ...exceptionsOf(account, open, master)])
    .filter((each) => each.master === master.id && (showDeleted || !each.cancelled))
    .toSorted(inOrder('startTime'))
    .slice(0, pageSize);
  const options = { timeZone: open.calendar.timeZone, maxAttendees: Number.POSITIVE_INFINITY, cancelledInFull: true };
  return json(200, {
    ...envelope(account, open, open.calendar.timeZone),
    items: items.map((light) => presentEvent(light.read(), open, options)),
  });
}

function exceptionsOf(account: Account, { calendar }: OpenCalendar, master: CalendarEvent): readonly Light[] {
  return account.events.lightsOf(calendar.id).filter((each) => each.master === master.id);
}

/** The calendar of the path, if the caller may see more than busy times. */
function readable(call: Call): OpenCalendar | SandboxResponse {
  const open = calendarOf(call);
  if (isResponse(open)) return open;
  return allows(open.role, call.account.limits.busyEvents ? 'freeBusyReader' : 'reader') ? open : readerNeeded();
}

function matching(account: Account, open: OpenCalendar, query: ListQuery): readonly Light[] {
  const { events } = account;
  const id = open.calendar.id;
  const listed = query.sync === null ? events.lightsOf(id) : events.changesOf(id, query.sync.seq);
  const known = query.singleEvents ? expanded(account, listed) : listed;
  const keeps = query.sync === null ? filterOf(account, open, query) : () => true;
  const after = query.page;
  const found = known.filter(keeps);
  if (query.orderBy !== null || query.singleEvents) found.sort(inOrder(query.orderBy));
  if (after === null) return found;
  return found.filter((light) => {
    const key = sortKey(light, query.orderBy);
    return key > after.afterKey || (key === after.afterKey && light.id > after.afterId);
  });
}

/** Masters give way to their instances. */
function expanded(account: Account, lights: readonly Light[]): readonly Light[] {
  const now = account.clock.now().getTime();
  const own = new Set(lights.flatMap(({ id, master }) => (master === null ? [] : [id])));
  return lights.flatMap((light) => (light.rule === null ? [light] : instancesOf(light, own, now)));
}

function filterOf(account: Account, open: OpenCalendar, query: ListQuery): (light: Light) => boolean {
  const { timeMinMs, timeMaxMs, updatedMinMs } = query;
  const keptFromMs = account.clock.now().getTime() - account.limits.keptDays * DAY_MS;
  const deep = deepFilter(open, query);
  const wantsType = query.eventTypes === null || query.eventTypes.includes('default');
  return (light) => {
    if (!wantsType) return false;
    if (light.cancelled && !showsCancelled(light, query, keptFromMs)) return false;
    if (timeMinMs !== null && light.endMs <= timeMinMs && light.rule === null) return false;
    if (timeMaxMs !== null && light.startMs >= timeMaxMs) return false;
    if (updatedMinMs !== null && light.updatedMs < updatedMinMs) return false;
    return deep === null || deep(light.read());
  };
}

/** Cancelled instances tell what a master's rule does not; other cancelled events are kept for a while, if asked for. */
function showsCancelled(light: Light, query: ListQuery, keptFromMs: number): boolean {
  if (light.master !== null && !query.singleEvents) return true;
  return (query.showDeleted || query.updatedMinMs !== null) && light.updatedMs >= keptFromMs;
}

/** What is not shown is not found either. */
function deepFilter({ role }: OpenCalendar, query: ListQuery): ((event: CalendarEvent) => boolean) | null {
  const { text, iCalUid, privateProperties, sharedProperties } = query;
  if (text === null && iCalUid === null && privateProperties.length === 0 && sharedProperties.length === 0) return null;
  const byDetails = text !== null || privateProperties.length > 0 || sharedProperties.length > 0;
  return (event) =>
    (iCalUid === null || (event.iCalUid ?? `${event.recurring?.master ?? event.id}@google.com`) === iCalUid) &&
    !(byDetails && hidesDetails(event, role)) &&
    privateProperties.every(([name, value]) => event.privateProperties[name] === value) &&
    sharedProperties.every(([name, value]) => event.sharedProperties[name] === value) &&
    (text === null || searched(event).includes(text));
}

function searched(event: CalendarEvent): string {
  const people = [event.organizer, ...event.attendees].flatMap(({ email, displayName }) => [email, displayName ?? '']);
  return [event.summary, event.description, event.location, ...people].join('\n').toLowerCase();
}

function sortKey(light: Light, order: ListQuery['orderBy']): number {
  if (order === null) return 0;
  return order === 'updated' ? light.updatedMs : light.startMs;
}

function inOrder(order: ListQuery['orderBy']): (a: Light, b: Light) => number {
  return (a, b) => sortKey(a, order) - sortKey(b, order) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function presentation(query: ListQuery) {
  const { timeZone, maxAttendees, showDeleted } = query;
  return { timeZone, maxAttendees, cancelledInFull: showDeleted };
}

function envelope(account: Account, { calendar, role }: OpenCalendar, timeZone: string): Json {
  const updatedMs = account.clock.now().getTime();
  return {
    kind: 'calendar#events',
    etag: `"p${etagOf(updatedMs).slice(1, -1)}"`,
    summary: calendar.summary,
    ...(calendar.description === null ? {} : { description: calendar.description }),
    updated: new Date(updatedMs).toISOString(),
    timeZone,
    accessRole: role,
    defaultReminders: role === 'owner' ? [{ method: 'popup', minutes: 10 }] : [],
  };
}
