import { json, type Effect, type SandboxResponse, type WriteOp } from '../../kit/index.ts';
import { allows } from '../access/roles.ts';
import { cancelExceptions, changeTime, keepEvent } from '../event-changes.ts';
import { plainEvent, type CalendarEvent } from '../event.ts';
import { eventId, idSeed } from '../ids.ts';
import { calendarOf, isResponse, type Call, type OpenCalendar } from './context.ts';
import {
  conditionNotMet,
  deletedEvent,
  duplicate,
  notFound,
  organizerOnly,
  refusedWrite,
  writerNeeded,
  wrongBody,
} from './errors.ts';
import { bodyOf, changedEvent, asGuest, isOwnChange, type Body } from './event-body.ts';
import { mailsAbout, sendUpdatesOf } from './mails.ts';
import { etagOf, hidesDetails, presentEvent } from './present.ts';

/** Events: insert. The client may choose the id: whoever tries twice is told that the event is there. */
export function insertEvent(call: Call): SandboxResponse {
  const { account, user } = call;
  const open = writable(call);
  const to = sendUpdatesOf(call);
  const body = bodyOf(call);
  if (isResponse(open)) return open;
  if (typeof to !== 'string') return to;
  if (isResponse(body)) return body;
  const id = body['id'] ?? eventId(idSeed(account.world), { kind: 'created', index: account.events.created() });
  if (typeof id !== 'string' || !/^[0-9a-v]{5,1024}$/.test(id))
    return wrongBody('invalid', 'Invalid resource id value.');
  const timeless = missingTimes(body);
  if (timeless !== null) return timeless;
  if (account.events.get(id) !== null) return duplicate();
  const failure = demanded(call, 'create', id);
  if (failure !== null) return failure;
  const nowMs = account.clock.now().getTime();
  const { calendar } = open;
  const { email, name } = account.people.at(user);
  const displayName = calendar.user === null ? calendar.summary : account.people.at(calendar.user).name;
  const moment = { kind: 'time', ms: nowMs, zone: calendar.timeZone } as const;
  const organizer = { email: calendar.id, displayName };
  const empty = plainEvent({ id, organizer, start: moment, end: moment, createdMs: nowMs, updatedMs: nowMs });
  const uid = typeof body['iCalUID'] === 'string' ? body['iCalUID'] : null;
  const made = changedEvent(account, { ...empty, creator: { email, displayName: name }, iCalUid: uid }, body, true);
  if (isResponse(made)) return made;
  const marker = body['id'] === undefined ? {} : { marker: id };
  const effect: Effect = { op: 'create', object: 'events', id, fields: body, ...marker };
  keepEvent(account, { op: 'create', object: 'events', id }, made);
  return answered(open, made, [effect, ...mailsAbout(call, 'invitation', [made], to)]);
}

/** Events: update (PUT, the whole event) and patch (PATCH, what is named). */
export function updateEvent(call: Call): SandboxResponse {
  const { account, request } = call;
  const found = target(call);
  const to = sendUpdatesOf(call);
  const body = bodyOf(call);
  if (isResponse(found)) return found;
  if (typeof to !== 'string') return to;
  if (isResponse(body)) return body;
  const { open, event: before } = found;
  const replace = request.method === 'PUT';
  const timeless = replace ? missingTimes(body) : null;
  if (timeless !== null) return timeless;
  const revives = body['status'] === 'confirmed' || body['status'] === 'tentative';
  if (before.status === 'cancelled' && !revives) return deletedEvent();
  const isGuest = before.organizer.email !== open.calendar.id;
  if (isGuest && !isOwnChange(before, body, open.calendar.id)) return organizerOnly();
  const failure = demanded(call, 'update', before.id);
  if (failure !== null) return failure;
  // Cancelling is deleting.
  if (body['status'] === 'cancelled') return removed(call, open, before);
  const changed = changedEvent(account, before, isGuest ? asGuest(before, body) : body, replace && !isGuest);
  if (isResponse(changed)) return changed;
  const moved = ['start', 'end', 'recurrence'].some((name) => name in body);
  const after: CalendarEvent = {
    ...changed,
    updatedMs: changeTime(account, before),
    sequence: before.sequence + (moved ? 1 : 0),
  };
  const about = { op: before.status === 'cancelled' ? 'undelete' : 'update', object: 'events', id: before.id } as const;
  keepEvent(account, about, after);
  return answered(open, after, [{ ...about, fields: body }, ...mailsAbout(call, 'update', [before, after], to)]);
}

/** Events: delete. */
export function deleteEvent(call: Call): SandboxResponse {
  const found = target(call);
  if (isResponse(found)) return found;
  const { open, event } = found;
  if (event.status === 'cancelled') return deletedEvent();
  const failure = demanded(call, 'delete', event.id);
  return failure ?? removed(call, open, event);
}

/** The event goes; from a guest's calendar only, and its organizer sees that the guest declined. */
function removed(call: Call, { calendar }: OpenCalendar, before: CalendarEvent): SandboxResponse {
  const { account } = call;
  const to = sendUpdatesOf(call);
  if (typeof to !== 'string') return to;
  const isOwn = before.organizer.email === calendar.id;
  const updatedMs = changeTime(account, before);
  const attendees = before.attendees.map((each) =>
    each.email === calendar.id ? ({ ...each, responseStatus: 'declined' } as const) : each,
  );
  const after: CalendarEvent = isOwn
    ? { ...before, status: 'cancelled', updatedMs }
    : { ...before, attendees, leftBy: [...before.leftBy, calendar.id], updatedMs };
  if (isOwn) cancelExceptions(account, before);
  const effect = { op: 'delete', object: 'events', id: before.id } as const;
  keepEvent(account, effect, after);
  return { status: 204, effects: [effect, ...(isOwn ? mailsAbout(call, 'cancellation', [before], to) : [])] };
}

/** The calendar of the path, if the caller may write to it. */
function writable(call: Call): OpenCalendar | SandboxResponse {
  const open = calendarOf(call);
  if (isResponse(open)) return open;
  return allows(open.role, 'writerWithoutPrivateAccess') ? open : writerNeeded();
}

interface Target {
  readonly open: OpenCalendar;
  readonly event: CalendarEvent;
}

/** The event of the path as it stands on the calendar, if it is the one that the caller knows. */
function target(call: Call): Target | SandboxResponse {
  const open = writable(call);
  if (isResponse(open)) return open;
  const { account, request } = call;
  const event = account.events.get(request.params['event'] ?? '');
  if (event === null || !account.events.isOn(open.calendar.id, event)) return notFound();
  if (hidesDetails(event, open.role)) return writerNeeded();
  if (event.leftBy.includes(open.calendar.id)) return deletedEvent();
  const tag = request.headers['if-match'];
  const known = tag === undefined || tag === '*' || tag.split(/,\s*/).includes(etagOf(event.updatedMs));
  return known ? { open, event } : conditionNotMet();
}

function missingTimes(body: Body): SandboxResponse | null {
  if (typeof body['end'] !== 'object' || body['end'] === null) return wrongBody('required', 'Missing end time.');
  return typeof body['start'] === 'object' && body['start'] !== null
    ? null
    : wrongBody('required', 'Missing start time.');
}

function demanded({ account }: Call, op: WriteOp, id: string): SandboxResponse | null {
  const failure = account.failures.take({ object: 'events', op, id });
  return failure === null ? null : refusedWrite(failure.error, failure.message);
}

function answered(open: OpenCalendar, event: CalendarEvent, effects: readonly Effect[]): SandboxResponse {
  const options = {
    timeZone: open.calendar.timeZone,
    maxAttendees: Number.POSITIVE_INFINITY,
    cancelledInFull: true,
  };
  return { ...json(200, presentEvent(event, open, options), { etag: etagOf(event.updatedMs) }), effects };
}
