import type { World } from '../../world/index.ts';
import { zoneOf, type CalendarRecord } from '../directory.ts';
import { dayText, plainEvent, type CalendarEvent, type Person } from '../event.ts';
import { eventId, idSeed, type EventKind } from '../ids.ts';
import { ABSENCES, FAIRS, HOLIDAYS, PRIVATE_TITLES } from './texts.ts';
import {
  DAY_MS,
  drawsOf,
  entryOf,
  MINUTE_MS,
  officeHour,
  memberOf,
  staffOf,
  stamped,
  type EventSource,
} from './source.ts';

const ABSENCES_EACH = 3;
const PRIVATE_EACH = 2;
const HOLIDAY_YEARS = 3;

/** Whole days off, in everybody's calendar. */
export function absences(world: World): EventSource {
  const draw = drawsOf(world, 'absence');
  const staff = staffOf(world);
  return {
    kind: 'absence',
    slots: world.counts.users * ABSENCES_EACH,
    exists: () => true,
    build: (index) => {
      const firstMs = world.anchor.getTime() + ((draw(index, 0) % 500) - 400) * DAY_MS;
      return {
        ...allDay(world, 'absence', index, memberOf(staff, Math.floor(index / ABSENCES_EACH)), {
          firstMs,
          days: 1 + (draw(index, 1) % 10),
          updatedMs: firstMs - (draw(index, 2) % 90) * DAY_MS,
        }),
        summary: entryOf(ABSENCES[world.company.id], draw(index, 3)),
      };
    },
  };
}

/** Appointments whose details colleagues do not see. */
export function privateEvents(world: World): EventSource {
  const draw = drawsOf(world, 'private');
  const staff = staffOf(world);
  const zone = zoneOf(world);
  return {
    kind: 'private',
    slots: world.counts.users * PRIVATE_EACH,
    exists: () => true,
    build: (index) => {
      const dayMs = world.anchor.getTime() + ((draw(index, 0) % 200) - 150) * DAY_MS;
      const startMs = officeHour(dayMs, draw(index, 1));
      return {
        ...plainEvent({
          id: eventId(idSeed(world), { kind: 'private', index }),
          organizer: memberOf(staff, Math.floor(index / PRIVATE_EACH)),
          start: { kind: 'time', ms: startMs, zone },
          end: { kind: 'time', ms: startMs + 60 * MINUTE_MS, zone },
          ...stamped(world, startMs - (draw(index, 2) % 30) * DAY_MS, 5 * DAY_MS),
        }),
        summary: entryOf(PRIVATE_TITLES[world.company.id], draw(index, 3)),
        visibility: 'private',
      };
    },
  };
}

/** Days of the whole company, on its group calendar. */
export function fairs(world: World, calendar: CalendarRecord): EventSource {
  const draw = drawsOf(world, 'fair');
  const staff = staffOf(world);
  const titles = FAIRS[world.company.id];
  return {
    kind: 'fair',
    calendar: calendar.id,
    slots: titles.length * 2,
    exists: () => true,
    build: (index) => {
      const firstMs = world.anchor.getTime() + ((draw(index, 0) % 600) - 400) * DAY_MS;
      const event = allDay(world, 'fair', index, groupPerson(calendar), {
        firstMs,
        days: 1 + (draw(index, 1) % 4),
        updatedMs: firstMs - 100 * DAY_MS,
      });
      return { ...event, creator: memberOf(staff, 0), summary: entryOf(titles, index), transparent: true };
    },
  };
}

export function holidays(world: World, calendar: CalendarRecord): EventSource {
  const days = HOLIDAYS[world.company.id];
  const firstYear = world.anchor.getUTCFullYear() - 1;
  return {
    kind: 'holiday',
    calendar: calendar.id,
    slots: days.length * HOLIDAY_YEARS,
    exists: () => true,
    build: (index) => {
      const [month, day, name] = entryOf(days, index);
      const firstMs = Date.UTC(firstYear + Math.floor(index / days.length), month - 1, day);
      const event = allDay(world, 'holiday', index, groupPerson(calendar), {
        firstMs,
        days: 1,
        updatedMs: Date.UTC(firstYear - 1, 5, 1),
      });
      return { ...event, summary: name, visibility: 'public', transparent: true };
    },
  };
}

function groupPerson({ id, summary }: CalendarRecord): Person {
  return { email: id, displayName: summary };
}

function allDay(
  world: World,
  kind: EventKind,
  index: number,
  organizer: Person,
  span: { readonly firstMs: number; readonly days: number; readonly updatedMs: number },
): CalendarEvent {
  return plainEvent({
    id: eventId(idSeed(world), { kind, index }),
    organizer,
    start: { kind: 'day', date: dayText(span.firstMs) },
    end: { kind: 'day', date: dayText(span.firstMs + span.days * DAY_MS) },
    ...stamped(world, span.updatedMs, DAY_MS),
  });
}
