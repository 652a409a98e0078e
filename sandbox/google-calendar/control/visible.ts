import { ControlError } from '../../kit/index.ts';
import { ACCESS_ROLES, type AccessRole } from '../access/roles.ts';
import type { Account } from '../account.ts';
import type { CalendarRecord } from '../directory.ts';
import { personNamed } from './sharing.ts';

/** Properties that an event can have where its details are shown. */
const FIELDS = [
  'attendees',
  'attendeesOmitted',
  'conferenceData',
  'created',
  'creator',
  'description',
  'end',
  'etag',
  'eventType',
  'extendedProperties',
  'hangoutLink',
  'htmlLink',
  'iCalUID',
  'id',
  'kind',
  'location',
  'organizer',
  'originalStartTime',
  'recurrence',
  'recurringEventId',
  'reminders',
  'sequence',
  'start',
  'status',
  'summary',
  'transparency',
  'updated',
  'visibility',
];

/**
 * What a user is shown, rule by rule: `calendars` by id, `events` as
 * `calendar/event` where the details are shown, and `busyEvents`, of which
 * only the time is. Cancelled events are left out, series are not expanded.
 */
export function visible(account: Account, given: Readonly<Record<string, unknown>>): unknown {
  const user = personNamed(account, given['user']);
  const { object } = given;
  const wanted = ['calendars', 'events', 'busyEvents'].filter((each) => object === undefined || object === each);
  if (wanted.length === 0) throw new ControlError('object must be calendars, events or busyEvents');
  const { email, active } = account.people.at(user);
  const roles = account.directory
    .calendars()
    .map((calendar) => ({ calendar, role: active ? roleOf(account, email, calendar) : 'none' }) as const)
    .filter(({ role }) => role !== 'none');
  const events = wanted.some((each) => each !== 'calendars') ? roles.flatMap((each) => eventsOf(account, each)) : [];
  const idsOf: Readonly<Record<string, readonly string[]>> = {
    calendars: roles.map(({ calendar }) => calendar.id),
    events: events.filter(({ detailed }) => detailed).map(({ id }) => id),
    busyEvents: events.filter(({ detailed }) => !detailed).map(({ id }) => id),
  };
  return {
    user: email,
    objects: Object.fromEntries(
      wanted.map((each) => [
        each,
        {
          readable: active,
          ids: (idsOf[each] ?? []).toSorted(),
          fields: each === 'events' ? FIELDS : [],
          ...(each === 'calendars'
            ? { roles: Object.fromEntries(roles.map(({ calendar, role }) => [calendar.id, role])) }
            : {}),
        },
      ]),
    ),
  };
}

/** The most that any rule gives to the person, to a group with the person in it, to the domain or to everybody. */
function roleOf(account: Account, email: string, calendar: CalendarRecord): AccessRole {
  let best = 0;
  for (const { scope, role } of account.directory.rules(calendar)) {
    const people = scope.type === 'group' ? membersOf(account, scope.value ?? '') : [scope.value];
    const given =
      scope.type === 'default' ||
      (scope.type === 'domain' ? email.split('@')[1] === scope.value : people.includes(email));
    if (given) best = Math.max(best, ACCESS_ROLES.indexOf(role));
  }
  return ACCESS_ROLES[best] ?? 'none';
}

function membersOf(account: Account, group: string): readonly string[] {
  const all = account.directory.groups.all();
  const found = new Set<string>([group]);
  for (const address of found) for (const member of all.get(address) ?? []) found.add(member);
  return [...found];
}

interface Shown {
  readonly id: string;
  readonly detailed: boolean;
}

function eventsOf(
  account: Account,
  { calendar, role }: { calendar: CalendarRecord; role: AccessRole },
): readonly Shown[] {
  if (role === 'none' || (role === 'freeBusyReader' && !account.limits.busyEvents)) return [];
  const secrets = role === 'writer' || role === 'owner';
  return account.events.lightsOf(calendar.id).flatMap((light) => {
    if (light.cancelled) return [];
    const detailed = secrets || (role !== 'freeBusyReader' && light.read().visibility !== 'private');
    return [{ id: `${calendar.id}/${light.id}`, detailed }];
  });
}
