import type { World } from '../../world/index.ts';
import { zoneOf } from '../directory.ts';
import { plainEvent, type Attendee, type CalendarEvent } from '../event.ts';
import { eventId, idSeed } from '../ids.ts';
import { instanceOf, later, occurrences, parseRule } from '../recurrence.ts';
import { wallClock, momentOf } from '../zone.ts';
import { CUSTOMER_SERIES, INTERNAL_TITLES, MOVED_MARK } from './texts.ts';
import {
  customer,
  DAY_MS,
  drawsOf,
  entryOf,
  guest,
  meetLink,
  MINUTE_MS,
  officeHour,
  memberOf,
  staffOf,
  stamped,
  type EventSource,
} from './source.ts';

/** Of each series one instance was cancelled and one moved. */
const CANCELLED_AT = 3;
const MOVED_AT = 6;

/**
 * Two slots for each person: a weekly meeting with the neighbours' desks, and
 * for people with customers a call every other week that ends some day.
 */
export function series(world: World): EventSource {
  const draw = drawsOf(world, 'series');
  const seed = idSeed(world);
  const zone = zoneOf(world);
  const { users } = world.counts;
  const staff = staffOf(world);
  const anchorMs = world.anchor.getTime();
  const isSeller = (user: number): boolean => ['sales', 'success'].includes(world.user(user).team);

  const build = (index: number): CalendarEvent => {
    const user = index >> 1;
    const internal = index % 2 === 0;
    const organizer = memberOf(staff, user);
    const account = draw(index, 1) % world.counts.accounts;
    const firstMs = anchorMs - (60 + (draw(index, 0) % 300)) * DAY_MS;
    // The hour that the clocks at the office show, not UTC's.
    const wall = wallClock(officeHour(firstMs, draw(index, 2)), zone);
    const startMs = momentOf({ ...wall, minute: 0 }, zone);
    const others: readonly Attendee[] = internal
      ? [(user + 1) % users, (user + 2) % users].map((each) => ({
          ...memberOf(staff, each),
          responseStatus: 'accepted' as const,
        }))
      : [guest(world, customer(world, account, draw(index, 3)), false, draw(index, 4))];
    const title = internal
      ? entryOf(INTERNAL_TITLES[world.company.id], draw(index, 5))
      : CUSTOMER_SERIES[world.company.id].replace('{c}', () => world.account(account).name);
    return {
      ...plainEvent({
        id: eventId(seed, { kind: 'series', index }),
        organizer,
        start: { kind: 'time', ms: startMs, zone },
        end: { kind: 'time', ms: startMs + 30 * MINUTE_MS, zone },
        ...stamped(world, startMs + (draw(index, 6) % 40) * DAY_MS, 20 * DAY_MS),
      }),
      summary: title,
      attendees: [{ ...organizer, responseStatus: 'accepted' }, ...others],
      recurrence: [internal ? 'RRULE:FREQ=WEEKLY' : `RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=${12 + (draw(index, 7) % 20)}`],
      hangoutLink: meetLink(draw(index, 8)),
    };
  };
  return {
    kind: 'series',
    slots: 2 * users,
    exists: (index) => index % 2 === 0 || isSeller(index >> 1),
    build,
    exceptions: (index) => exceptionsOf(world, build(index)),
  };
}

function exceptionsOf(world: World, master: CalendarEvent): readonly CalendarEvent[] {
  const rule = parseRule(master.recurrence ?? []);
  if (rule === null) throw new Error(`the rule of ${master.id} cannot be expanded`);
  const starts = occurrences(master.start, rule, world.anchor.getTime());
  const changed = (at: number): readonly CalendarEvent[] => {
    const original = starts[at];
    return original === undefined
      ? []
      : [{ ...instanceOf(master, original), ...stamped(world, master.updatedMs + at * DAY_MS, 30 * DAY_MS) }];
  };
  const cancelled = changed(CANCELLED_AT).map((instance) => ({ ...instance, status: 'cancelled' as const }));
  const moved = changed(MOVED_AT).map((instance) => ({
    ...instance,
    summary: `${instance.summary ?? ''}${MOVED_MARK[world.company.id]}`,
    start: later(instance.start, 120 * MINUTE_MS),
    end: later(instance.end, 120 * MINUTE_MS),
    sequence: 1,
  }));
  return [...cancelled, ...moved];
}
