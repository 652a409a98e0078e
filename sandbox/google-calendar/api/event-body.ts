import { ControlError, parseJson, type SandboxResponse } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { parseFields } from '../event-fields.ts';
import type { CalendarEvent } from '../event.ts';
import { momentMs } from '../recurrence.ts';
import type { Call } from './context.ts';
import { badRequest, wrongBody } from './errors.ts';

export type Body = Readonly<Record<string, unknown>>;

/** Fields of the resource that are read here; others a client may send back as it got them, and nothing happens. */
const READ = [
  'summary',
  'description',
  'location',
  'status',
  'visibility',
  'transparency',
  'start',
  'end',
  'recurrence',
  'attendees',
  'extendedProperties',
];
/** Fields that are kept and given back. */
const KEPT = [
  'anyoneCanAddSelf',
  'colorId',
  'guestsCanInviteOthers',
  'guestsCanModify',
  'guestsCanSeeOtherGuests',
  'reminders',
  'source',
];
/** What guests may change of their own copy (reference, Events: what is not shared). */
const OF_GUESTS: ReadonlySet<string> = new Set([
  'attendees',
  'extendedProperties',
  'colorId',
  'reminders',
  'transparency',
]);

export function bodyOf({ request }: Call): Body | SandboxResponse {
  const body = parseJson(request.body);
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Body) : badRequest();
}

/**
 * The event after a change. `replace`: what the body does not name becomes
 * empty (Events: update); otherwise it stays, and of properties single ones
 * are set, or removed with null (Events: patch).
 */
export function changedEvent(
  account: Account,
  before: CalendarEvent,
  body: Body,
  replace: boolean,
): CalendarEvent | SandboxResponse {
  const given = replace ? { ...EMPTY, ...body } : body;
  const fields = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      READ.includes(name) ? [[name, emptied(name, value)] as const] : [],
    ),
  );
  const properties = fields['extendedProperties'];
  if (properties !== undefined && !replace) fields['extendedProperties'] = mergedProperties(before, properties);
  const kept = Object.entries(given).filter(([name]) => KEPT.includes(name));
  const extras = { ...(replace ? {} : before.extras), ...Object.fromEntries(kept) };
  const timeWrong = untimed(fields);
  if (timeWrong !== null) return timeWrong;
  try {
    const after = { ...before, ...parseFields(account, before, fields), extras };
    if (momentMs(after.end) < momentMs(after.start))
      return wrongBody('timeRangeEmpty', 'The specified time range is empty.');
    return after;
  } catch (error) {
    if (error instanceof ControlError) return wrongBody('invalid', error.message);
    throw error;
  }
}

/** Whether a guest's change touches only what is the guest's own. */
export function isOwnChange(before: CalendarEvent, body: Body, email: string): boolean {
  if (Object.keys(body).some((name) => READ.includes(name) && !OF_GUESTS.has(name))) return false;
  const { attendees, extendedProperties } = body;
  if ('shared' in Object(extendedProperties)) return false;
  if (attendees === undefined) return true;
  if (!Array.isArray(attendees)) return false;
  const known = new Map(before.attendees.map((each) => [each.email, each.responseStatus]));
  return attendees.every((each: unknown) => {
    const { email: who, responseStatus } = Object(each) as Body;
    return (
      typeof who === 'string' &&
      known.has(who) &&
      (who === email || (responseStatus ?? known.get(who)) === known.get(who))
    );
  });
}

/** A guest's change: others on the list stay as they are. */
export function asGuest(before: CalendarEvent, body: Body): Body {
  const { attendees } = body;
  if (!Array.isArray(attendees)) return body;
  const given = new Map(attendees.map((each: unknown) => [(Object(each) as Body)['email'], Object(each) as Body]));
  return { ...body, attendees: before.attendees.map((each) => ({ ...each, ...given.get(each.email) })) };
}

const EMPTY: Body = {
  summary: null,
  description: null,
  location: null,
  attendees: [],
  recurrence: null,
  extendedProperties: {},
  visibility: 'default',
  transparency: 'opaque',
  status: 'confirmed',
};

/** Null empties a field. */
function emptied(name: string, value: unknown): unknown {
  return value === null && name in EMPTY ? EMPTY[name] : value;
}

function mergedProperties(before: CalendarEvent, given: unknown): Body {
  const { private: own, shared } = Object(given) as Body;
  const merge = (known: Readonly<Record<string, string>>, set: unknown): Body =>
    Object.fromEntries(Object.entries({ ...known, ...Object(set) } as Body).filter(([, value]) => value !== null));
  return { private: merge(before.privateProperties, own), shared: merge(before.sharedProperties, shared) };
}

/** A time without offset and zone is no moment. */
function untimed(fields: Body): SandboxResponse | null {
  for (const name of ['start', 'end']) {
    const { dateTime, timeZone } = Object(fields[name]) as Body;
    if (typeof dateTime === 'string' && timeZone === undefined && !/(Z|[+-]\d{2}:?\d{2})$/i.test(dateTime))
      return wrongBody('required', `Missing time zone definition for ${name} time.`);
  }
  return null;
}
