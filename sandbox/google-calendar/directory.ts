import type { World } from '../world/index.ts';
import { createGroups, matches, ruleId, type AclRule, type Groups, type Scope } from './access/acl.ts';
import type { People } from './access/people.ts';
import { ACCESS_ROLES, type AccessRole } from './access/roles.ts';
import { groupCalendarId, idSeed } from './ids.ts';

export interface CalendarRecord {
  /** A person's calendar has the person's address as id. */
  readonly id: string;
  readonly kind: 'person' | 'group' | 'holidays';
  /** Number of the person whose primary calendar this is. */
  readonly user: number | null;
  readonly summary: string;
  readonly description: string | null;
  readonly timeZone: string;
  /** What colleagues may see: the rule for the domain, or for everybody on a calendar of holidays. */
  readonly sharing: AccessRole;
  /** On the lists of people that look at the calendars of their team only, hidden or not at all. */
  readonly listed: 'shown' | 'hidden';
  /** Sequence number of the last change to sharing or name; 0 for a calendar as it was at the start. */
  readonly changed: number;
  /** The same of the last change to sharing alone. */
  readonly sharedAt: number;
}

export interface Directory {
  readonly groups: Groups;
  readonly calendars: () => readonly CalendarRecord[];
  readonly find: (id: string) => CalendarRecord | null;
  readonly put: (calendar: CalendarRecord) => void;
  /** The calendar of somebody new. */
  readonly addPerson: (user: number) => CalendarRecord;
  /** All rules of a calendar, the owner's and that for the domain included; those that ended have the role `none`. */
  readonly rules: (calendar: CalendarRecord) => readonly AclRule[];
  readonly putRule: (calendar: CalendarRecord, rule: AclRule) => void;
  /** What a user may do with a calendar: the most that any rule gives. */
  readonly access: (user: number, calendar: CalendarRecord) => AccessRole;
  /** Whether the calendar stands on the user's list, if access allows. */
  readonly subscribes: (user: number, calendar: CalendarRecord) => boolean;
  /** Whether the user took it off the list. */
  readonly unsubscribed: (user: number, calendar: CalendarRecord) => boolean;
  /** Puts a calendar on somebody's list, or takes it off. */
  readonly subscribe: (user: number, calendar: CalendarRecord, on: boolean) => void;
}

const ZONES = { acme: 'Europe/Berlin', globex: 'Europe/Rome' } as const;
const GROUPS = {
  acme: [
    ['Messen & Termine', 'Messen, Firmenfeiern, Wartungsfenster'],
    ['Alte Raumbuchungen', null],
  ],
  globex: [
    ['Fiere & eventi', 'Fiere, eventi aziendali, fermi impianto'],
    ['Prenotazioni sale (vecchio)', null],
  ],
} as const;
const HOLIDAYS = {
  acme: ['de.german#holiday@group.v.calendar.google.com', 'Feiertage in Deutschland'],
  globex: ['it.italian#holiday@group.v.calendar.google.com', 'Festività in Italia'],
} as const;

export function zoneOf(world: World): string {
  return ZONES[world.company.id];
}

/**
 * Everybody has a calendar. Colleagues may read it; the support team shows
 * them busy times only. User 0 leads sales operations and looks at all
 * calendars, others at those of their team.
 */
export function createDirectory(world: World, people: People): Directory {
  const calendars = new Map(firstCalendars(world, people).map((calendar) => [calendar.id, calendar]));
  const groups = createGroups();
  const more = new Map<string, Map<string, AclRule>>();
  const lists = new Map<string, boolean>();
  const rules = (calendar: CalendarRecord): readonly AclRule[] => {
    const own = new Map(standingRules(world, people, calendar).map((rule) => [ruleId(rule.scope), rule]));
    for (const [id, rule] of more.get(calendar.id) ?? []) own.set(id, rule);
    return [...own.values()];
  };
  return {
    groups,
    calendars: () => [...calendars.values()],
    find: (id) => calendars.get(id) ?? null,
    put: (calendar) => {
      calendars.set(calendar.id, calendar);
    },
    addPerson: (user) => {
      const calendar = personCalendar(world, people, user);
      calendars.set(calendar.id, calendar);
      return calendar;
    },
    rules,
    putRule: (calendar, rule) => {
      const own = more.get(calendar.id) ?? new Map<string, AclRule>();
      more.set(calendar.id, own.set(ruleId(rule.scope), rule));
    },
    access: (user, calendar) => {
      const { email } = people.at(user);
      const roles = rules(calendar).flatMap(({ scope, role }) => (matches(scope, email, groups) ? [role] : []));
      return ACCESS_ROLES.findLast((role) => roles.includes(role)) ?? 'none';
    },
    subscribes: (user, calendar) => {
      const chosen = lists.get(`${user} ${calendar.id}`);
      if (chosen !== undefined || calendar.user === null || calendar.user === user) return chosen ?? true;
      return user === 0 || people.at(user).team === people.at(calendar.user).team;
    },
    unsubscribed: (user, calendar) => lists.get(`${user} ${calendar.id}`) === false,
    subscribe: (user, calendar, on) => {
      lists.set(`${user} ${calendar.id}`, on);
    },
  };
}

/** Rules that nobody had to write: of the owner, and of the domain as its calendar says. */
function standingRules(world: World, people: People, calendar: CalendarRecord): readonly AclRule[] {
  const { kind, sharing, sharedAt, user } = calendar;
  const rule = (scope: Scope, role: AccessRole, seq = 0): AclRule => ({ scope, role, seq });
  if (kind === 'holidays') return [rule({ type: 'default', value: null }, sharing)];
  const domain = rule({ type: 'domain', value: world.company.domain }, sharing, sharedAt);
  const owner = rule({ type: 'user', value: people.at(user ?? 0).email }, 'owner');
  return sharing === 'none' && sharedAt === 0 ? [owner] : [owner, domain];
}

function firstCalendars(world: World, people: People): readonly CalendarRecord[] {
  const timeZone = zoneOf(world);
  const shared = { kind: 'group', user: null, timeZone, sharing: 'reader' } as const;
  const groups = GROUPS[world.company.id].map(([summary, description], at): CalendarRecord => {
    const id = groupCalendarId(idSeed(world), summary);
    return { ...SHOWN, ...shared, id, summary, description, listed: at === 0 ? 'shown' : 'hidden' };
  });
  const [holidaysId, summary] = HOLIDAYS[world.company.id];
  const holidays: CalendarRecord = { ...SHOWN, ...shared, kind: 'holidays', id: holidaysId, summary };
  const persons = Array.from({ length: people.count() }, (_empty, user) => personCalendar(world, people, user));
  return [...persons, ...groups, holidays];
}

function personCalendar(world: World, people: People, user: number): CalendarRecord {
  const { email, team } = people.at(user);
  const sharing = team === 'support' ? 'freeBusyReader' : 'reader';
  return { ...SHOWN, id: email, kind: 'person', user, summary: email, timeZone: zoneOf(world), sharing };
}

const SHOWN = { description: null, listed: 'shown', changed: 0, sharedAt: 0 } as const;
