import { ControlError } from '../kit/index.ts';
import type { Account } from './account.ts';
import type { Attendee, CalendarEvent, When } from './event.ts';
import { parseRule } from './recurrence.ts';
import { isTimeZone, momentOf } from './zone.ts';

type Fields = Readonly<Record<string, unknown>>;
type Writable = { -readonly [Key in keyof CalendarEvent]?: CalendarEvent[Key] };
type Reader = (value: unknown, before: CalendarEvent, account: Account) => Writable;

/** Reads fields in the shapes of the API's event resource. Throws ControlError on what an event cannot have. */
export function parseFields(account: Account, before: CalendarEvent, fields: Fields): Partial<CalendarEvent> {
  const changes: Writable = {};
  for (const [name, value] of Object.entries(fields)) {
    const read = READERS[name];
    if (read === undefined)
      throw new ControlError(`events have no writable field ${name}; known: ${Object.keys(READERS).join(', ')}`);
    Object.assign(changes, read(value, before, account));
  }
  const { start, end } = { ...before, ...changes };
  if (start.kind !== end.kind) throw new ControlError('start and end must both be days or both be moments');
  return changes;
}

const READERS: Readonly<Record<string, Reader>> = {
  summary: (value) => ({ summary: text(value) }),
  description: (value) => ({ description: text(value) }),
  location: (value) => ({ location: text(value) }),
  hangoutLink: (value) => ({ hangoutLink: text(value) }),
  iCalUID: (value) => ({ iCalUid: text(value) }),
  status: (value) => ({ status: oneOf(value, ['confirmed', 'tentative'] as const) }),
  visibility: (value) => ({ visibility: oneOf(value, ['default', 'public', 'private'] as const) }),
  transparency: (value) => ({ transparent: oneOf(value, ['opaque', 'transparent'] as const) === 'transparent' }),
  start: (value, before) => ({ start: when(value, before.start) }),
  end: (value, before) => ({ end: when(value, before.end) }),
  recurrence: (value) => ({ recurrence: rules(value) }),
  organizer: (value) => ({ organizer: { email: String(record(value)['email']) } }),
  attendees: (value) => ({ attendees: list(value).map(attendee) }),
  extendedProperties: (value) => {
    const { private: own = {}, shared = {} } = record(value);
    return { privateProperties: strings(own), sharedProperties: strings(shared) };
  },
};

function attendee(value: unknown): Attendee {
  const { email, displayName, responseStatus = 'needsAction', optional, resource } = record(value);
  if (typeof email !== 'string') throw new ControlError('an attendee needs an email');
  return {
    email,
    responseStatus: oneOf(responseStatus, ['needsAction', 'declined', 'tentative', 'accepted'] as const),
    ...(typeof displayName === 'string' ? { displayName } : {}),
    ...(optional === true ? { optional } : {}),
    ...(resource === true ? { resource } : {}),
  };
}

function when(value: unknown, before: When): When {
  const { date, dateTime, timeZone } = record(value);
  if (typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date)) return { kind: 'day', date };
  const zone = timeZone ?? (before.kind === 'time' ? before.zone : 'UTC');
  if (typeof zone !== 'string' || !isTimeZone(zone)) throw new ControlError(`no time zone ${JSON.stringify(zone)}`);
  const ms = typeof dateTime === 'string' ? momentIn(dateTime, typeof timeZone === 'string' ? zone : null) : Number.NaN;
  if (Number.isNaN(ms)) throw new ControlError('start and end want {date} or {dateTime} with an offset or a time zone');
  return { kind: 'time', ms, zone };
}

/** A moment with its offset, or a wall-clock time in a zone; NaN for neither. */
function momentIn(given: string, zone: string | null): number {
  const parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(given);
  if (parts === null) return Number.NaN;
  if (parts[7] !== undefined) return Date.parse(given);
  if (zone === null) return Number.NaN;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((one) => Number(one ?? 0));
  return momentOf({ year, month, day, hour, minute, second }, zone);
}

function rules(value: unknown): readonly string[] | null {
  if (value === null) return null;
  const lines = list(value).map(String);
  if (parseRule(lines) === null) throw new ControlError(`this sandbox cannot expand ${lines.join(' ')}`);
  return lines;
}

function text(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  throw new ControlError(`${JSON.stringify(value)} is no text`);
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new ControlError(`${JSON.stringify(value)} must be one of ${allowed.join(', ')}`);
  return found;
}

function record(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ControlError(`${JSON.stringify(value)} is no object`);
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new ControlError(`${JSON.stringify(value)} is no list`);
}

function strings(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record(value)).map(([name, each]) => [name, String(each)]));
}
