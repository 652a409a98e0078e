import type { OpenCalendar } from './context.ts';
import { allows, type AccessRole } from '../access/roles.ts';
import type { Attendee, CalendarEvent, Person, When } from '../event.ts';
import { zonedText } from '../zone.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface PresentOptions {
  /** Zone of the answer; default: the calendar's. */
  readonly timeZone: string;
  /** Infinity: all of them. */
  readonly maxAttendees: number;
  /** Cancelled events in full, where the calendar is the organizer's. */
  readonly cancelledInFull: boolean;
}

/** Private events of others are busy time, and so is everything for whoever may see no more than that. */
export function hidesDetails({ visibility }: Pick<CalendarEvent, 'visibility'>, role: AccessRole): boolean {
  if (!allows(role, 'reader')) return true;
  return visibility === 'private' && !allows(role, 'writer');
}

/** Google's tags are twice the time of the last change in microseconds. */
export function etagOf(updatedMs: number): string {
  return `"${String(BigInt(Math.round(updatedMs)) * 2000n)}"`;
}

/**
 * An event as one calendar shows it to a reader. Cancelled events keep only
 * what clients need to drop them; readers of somebody else's calendar see
 * private events as busy time. Source: Calendar API reference, Events.
 */
export function presentEvent(event: CalendarEvent, { calendar, role }: OpenCalendar, options: PresentOptions): Json {
  const head = { kind: 'calendar#event', etag: etagOf(event.updatedMs), id: event.id, status: event.status };
  const series = seriesOf(event, options.timeZone);
  const own = event.organizer.email === calendar.id;
  if (event.status === 'cancelled' && !(own && options.cancelledInFull)) return { ...head, ...series };
  const times = {
    created: new Date(event.createdMs).toISOString(),
    updated: new Date(event.updatedMs).toISOString(),
  };
  const span = { start: whenOf(event.start, options.timeZone), end: whenOf(event.end, options.timeZone) };
  const iCalUID = event.iCalUid ?? `${event.recurring?.master ?? event.id}@google.com`;
  const recurrence = event.recurrence === null ? {} : { recurrence: event.recurrence };
  if (hidesDetails(event, role)) {
    const hidden = { iCalUID, sequence: event.sequence, visibility: 'private', eventType: 'default' };
    return { ...head, ...times, ...span, ...recurrence, ...series, ...hidden };
  }
  return {
    ...head,
    htmlLink: `https://www.google.com/calendar/event?eid=${Buffer.from(`${event.id} ${calendar.id}`).toString('base64url')}`,
    ...times,
    ...given({ summary: event.summary, description: event.description, location: event.location }),
    creator: personOf(event.creator, calendar.id),
    organizer: personOf(event.organizer, calendar.id),
    ...span,
    ...recurrence,
    ...series,
    ...(event.transparent ? { transparency: 'transparent' } : {}),
    ...(event.visibility === 'default' ? {} : { visibility: event.visibility }),
    iCalUID,
    sequence: event.sequence,
    ...attendeesOf(event, calendar.id, options.maxAttendees),
    ...conferenceOf(event),
    ...propertiesOf(event),
    reminders: { useDefault: event.start.kind === 'time' },
    ...event.extras,
    eventType: 'default',
  };
}

function seriesOf({ recurring }: CalendarEvent, zone: string): Json {
  if (recurring === null) return {};
  return { recurringEventId: recurring.master, originalStartTime: whenOf(recurring.originalStart, zone) };
}

function whenOf(when: When, zone: string): Json {
  if (when.kind === 'day') return { date: when.date };
  return { dateTime: zonedText(when.ms, zone), timeZone: when.zone };
}

function personOf({ email, displayName }: Person, calendarId: string): Json {
  return { email, ...given({ displayName: displayName ?? null }), ...(email === calendarId ? { self: true } : {}) };
}

function attendeesOf(event: CalendarEvent, calendarId: string, most: number): Json {
  if (event.attendees.length === 0) return {};
  const show = (attendee: Attendee): Json => ({
    ...personOf(attendee, calendarId),
    ...(attendee.email === event.organizer.email ? { organizer: true } : {}),
    ...(attendee.optional === true ? { optional: true } : {}),
    ...(attendee.resource === true ? { resource: true } : {}),
    responseStatus: attendee.responseStatus,
  });
  if (event.attendees.length <= most) return { attendees: event.attendees.map(show) };
  const self = event.attendees.filter(({ email }) => email === calendarId);
  return { attendees: self.map(show), attendeesOmitted: true };
}

function conferenceOf({ hangoutLink }: CalendarEvent): Json {
  if (hangoutLink === null) return {};
  const conferenceId = hangoutLink.slice('https://meet.google.com/'.length);
  return {
    hangoutLink,
    conferenceData: {
      entryPoints: [{ entryPointType: 'video', uri: hangoutLink, label: hangoutLink.slice('https://'.length) }],
      conferenceSolution: {
        key: { type: 'hangoutsMeet' },
        name: 'Google Meet',
        iconUri:
          'https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/web-512dp/logo_meet_2020q4_color_2x_web_512dp.png',
      },
      conferenceId,
    },
  };
}

function propertiesOf({ privateProperties, sharedProperties }: CalendarEvent): Json {
  const parts = {
    ...(Object.keys(privateProperties).length === 0 ? {} : { private: privateProperties }),
    ...(Object.keys(sharedProperties).length === 0 ? {} : { shared: sharedProperties }),
  };
  return Object.keys(parts).length === 0 ? {} : { extendedProperties: parts };
}

function given(values: Readonly<Record<string, string | null>>): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
