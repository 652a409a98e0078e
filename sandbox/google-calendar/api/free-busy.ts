import { json, parseJson, type SandboxResponse } from '../../kit/index.ts';
import { allows } from '../access/roles.ts';
import type { Account } from '../account.ts';
import type { CalendarRecord } from '../directory.ts';
import { instancesOf, type Light } from '../store/light.ts';
import type { Call } from './context.ts';
import { badRequest, required, timeRangeEmpty } from './errors.ts';
import type { Json } from './present.ts';

/** Source: Calendar API reference, "Freebusy: query", `groupExpansionMax`, `calendarExpansionMax`. */
const GROUP_MEMBERS_MAX = 100;
const CALENDARS_MAX = 50;

interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Freebusy: query. When calendars are busy, for whoever may see that much;
 * private events count. What is unknown and what is not shared answer alike.
 */
export function queryFreeBusy({ account, request, user }: Call): SandboxResponse {
  const body = parseJson(request.body);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return badRequest();
  const { timeMin, timeMax, items } = body as Json;
  const [fromMs, toMs] = [Date.parse(String(timeMin)), Date.parse(String(timeMax))];
  if (timeMin === undefined) return required('timeMin');
  if (timeMax === undefined) return required('timeMax');
  if (Number.isNaN(fromMs) || Number.isNaN(toMs) || !Array.isArray(items)) return badRequest();
  if (toMs <= fromMs) return timeRangeEmpty();
  const asked = (items as readonly Json[]).map(({ id }) => String(id).toLowerCase());
  const groups = new Map(
    asked.flatMap((id) => {
      const members = account.directory.groups.all().get(id);
      return members === undefined ? [] : [[id, members] as const];
    }),
  );
  const wanted = [...new Set(asked.flatMap((id) => groups.get(id) ?? [id]))];
  const shown = wanted.map((id, at): readonly [string, Json] => {
    if (at >= CALENDARS_MAX) return [id, failure('tooManyCalendarsRequested')];
    const calendar = account.directory.find(id === 'primary' ? account.people.at(user).email : id);
    if (calendar === null || !allows(account.directory.access(user, calendar), 'freeBusyReader'))
      return [id, failure('notFound')];
    return [id, { busy: busyOf(account, calendar, { startMs: fromMs, endMs: toMs }).map(intervalJson) }];
  });
  return json(200, {
    kind: 'calendar#freeBusy',
    timeMin: new Date(fromMs).toISOString(),
    timeMax: new Date(toMs).toISOString(),
    ...(groups.size === 0
      ? {}
      : { groups: Object.fromEntries([...groups].map(([id, members]) => [id, groupJson(members)])) }),
    calendars: Object.fromEntries(shown),
  });
}

function groupJson(members: readonly string[]): Json {
  return members.length > GROUP_MEMBERS_MAX ? failure('groupTooBig') : { calendars: members };
}

function failure(reason: string): Json {
  return { errors: [{ domain: 'global', reason }], busy: [] };
}

function intervalJson({ startMs, endMs }: Interval): Json {
  return { start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() };
}

/** Busy times within the range, joined where they meet. */
function busyOf(account: Account, calendar: CalendarRecord, range: Interval): readonly Interval[] {
  const lights = account.events.lightsOf(calendar.id);
  const own = new Set(lights.flatMap(({ id, master }) => (master === null ? [] : [id])));
  const now = account.clock.now().getTime();
  const single = lights.flatMap((light) => (light.rule === null ? [light] : instancesOf(light, own, now)));
  const busy = single
    .filter((light) => !light.cancelled && light.endMs > range.startMs && light.startMs < range.endMs)
    .filter((light) => isBusy(light, calendar.id))
    .map(({ startMs, endMs }) => ({
      startMs: Math.max(startMs, range.startMs),
      endMs: Math.min(endMs, range.endMs),
    }))
    .toSorted((a, b) => a.startMs - b.startMs);
  const joined: Interval[] = [];
  for (const each of busy) {
    const last = joined.at(-1);
    if (last === undefined || each.startMs > last.endMs) joined.push(each);
    else joined[joined.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, each.endMs) };
  }
  return joined;
}

/** Not where somebody is marked as available, nor where the calendar's own guest declined. */
function isBusy(light: Light, calendarId: string): boolean {
  const event = light.read();
  const own = event.attendees.find(({ email }) => email === calendarId);
  return !event.transparent && own?.responseStatus !== 'declined';
}
