import { json, parseJson, type SandboxResponse } from '../../kit/index.ts';
import { entry } from './calendars.ts';
import { calendarOf, isResponse, type Call } from './context.ts';
import { badRequest, notFound, required } from './errors.ts';

/** CalendarList: insert. Puts a calendar on one's own list; sharing it is somebody else's business. */
export function insertListEntry(call: Call): SandboxResponse {
  const body = parseJson(call.request.body);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return badRequest();
  const { id } = body as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string') return required('id');
  const open = calendarOf({ ...call, request: { ...call.request, params: { calendar: id } } });
  if (isResponse(open)) return open;
  const { directory, events } = call.account;
  directory.subscribe(call.user, open.calendar, true);
  const changed = { ...open.calendar, changed: events.tick() };
  directory.put(changed);
  return json(200, entry(call, changed));
}

/** CalendarList: delete. The calendar itself stays as it is. */
export function deleteListEntry(call: Call): SandboxResponse {
  const open = calendarOf(call);
  if (isResponse(open)) return open;
  const { directory, events } = call.account;
  if (!directory.subscribes(call.user, open.calendar)) return notFound();
  directory.subscribe(call.user, open.calendar, false);
  directory.put({ ...open.calendar, changed: events.tick() });
  return { status: 204, body: '' };
}
