import type { World } from '../world/index.ts';
import { groupCalendarId, idSeed } from './ids.ts';

/** From least to most, as `accessRole` names them. */
export const ACCESS_ROLES = ['none', 'freeBusyReader', 'reader', 'writer', 'owner'] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

export interface CalendarRecord {
  /** A person's calendar has the person's address as id. */
  readonly id: string;
  readonly kind: 'person' | 'group' | 'holidays';
  /** Index of the world's user whose primary calendar this is. */
  readonly user: number | null;
  readonly summary: string;
  readonly description: string | null;
  readonly timeZone: string;
  /** What colleagues may see. */
  readonly sharing: AccessRole;
  /** On the lists of people that look at the calendars of their team only, hidden or not at all. */
  readonly listed: 'shown' | 'hidden';
  /** Sequence number of the last change to sharing or name; 0 for a calendar as it was at the start. */
  readonly changed: number;
}

export interface Directory {
  readonly calendars: () => readonly CalendarRecord[];
  readonly find: (id: string) => CalendarRecord | null;
  readonly put: (calendar: CalendarRecord) => void;
  /** What a user may do with a calendar. */
  readonly access: (user: number, calendar: CalendarRecord) => AccessRole;
  /** Whether the calendar stands on the user's list, if access allows. */
  readonly subscribes: (user: number, calendar: CalendarRecord) => boolean;
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
export function createDirectory(world: World): Directory {
  const timeZone = zoneOf(world);
  const people = Array.from({ length: world.counts.users }, (_empty, user): CalendarRecord => {
    const { email, team } = world.user(user);
    const sharing = team === 'support' ? 'freeBusyReader' : 'reader';
    return { ...SHOWN, id: email, kind: 'person', user, summary: email, timeZone, sharing };
  });
  const groups = GROUPS[world.company.id].map(([summary, description], at): CalendarRecord => {
    const id = groupCalendarId(idSeed(world), summary);
    const listed = at === 0 ? 'shown' : 'hidden';
    return { ...SHOWN, id, kind: 'group', user: null, summary, description, timeZone, sharing: 'reader', listed };
  });
  const [holidaysId, summary] = HOLIDAYS[world.company.id];
  const holidays: CalendarRecord = {
    ...SHOWN,
    id: holidaysId,
    kind: 'holidays',
    user: null,
    summary,
    timeZone,
    sharing: 'reader',
  };
  const calendars = new Map([...people, ...groups, holidays].map((calendar) => [calendar.id, calendar]));
  const teams = people.map((_calendar, user) => world.user(user).team);
  return {
    calendars: () => [...calendars.values()],
    find: (id) => calendars.get(id) ?? null,
    put: (calendar) => {
      calendars.set(calendar.id, calendar);
    },
    access: (user, calendar) => {
      if (calendar.user === user) return 'owner';
      return calendar.kind === 'group' && user === 0 ? 'owner' : calendar.sharing;
    },
    subscribes: (user, calendar) =>
      calendar.user === null || calendar.user === user || user === 0 || teams[user] === teams[calendar.user],
  };
}

const SHOWN = { description: null, listed: 'shown', changed: 0 } as const;

export function allows(role: AccessRole, needed: AccessRole): boolean {
  return ACCESS_ROLES.indexOf(role) >= ACCESS_ROLES.indexOf(needed);
}
