import { salesforceId, type World } from '../../world/index.ts';
import { zoneOf } from '../directory.ts';
import { plainEvent, type Attendee, type CalendarEvent } from '../event.ts';
import { eventId, idSeed } from '../ids.ts';
import {
  customer,
  drawsOf,
  entryOf,
  guest,
  meetLink,
  MINUTE_MS,
  sellers,
  memberOf,
  staffOf,
  type EventSource,
} from './source.ts';

/** Key prefix of the CRM's Event object. */
const CRM_EVENT = '00U';

/**
 * The world's meetings with customers. acme's CRM puts most of its events into
 * its people's calendars and notes its own id there; one in five was never
 * synchronised and stands in the CRM only. globex knows its meetings from here
 * alone: each has a guest, by whose address the account can be told.
 */
export function meetings(world: World): EventSource {
  const draw = drawsOf(world, 'meeting');
  const linked = world.company.id === 'acme';
  const seed = idSeed(world);
  const zone = zoneOf(world);
  const colleagues = sellers(world);
  const staff = staffOf(world);
  const anchorMs = world.anchor.getTime();

  const build = (index: number): CalendarEvent => {
    const meeting = world.meeting(index);
    const bits = draw(index, 1);
    const organizer = memberOf(staff, meeting.owner);
    const startMs = meeting.startsAt.getTime();
    const upcoming = startMs > anchorMs;
    const contact = meeting.contact ?? (linked ? null : customer(world, meeting.account, bits));
    const guests: Attendee[] = [{ ...organizer, responseStatus: 'accepted' }];
    if (contact !== null) guests.push(guest(world, contact, upcoming, draw(index, 2)));
    if (bits % 4 === 0 && contact !== null) {
      const second = customer(world, meeting.account, draw(index, 3));
      if (second !== contact) guests.push({ ...guest(world, second, upcoming, draw(index, 4)), optional: true });
    }
    const colleague = entryOf(colleagues, draw(index, 5));
    if ((bits >>> 4) % 5 === 0 && colleague !== meeting.owner)
      guests.push({ ...memberOf(staff, colleague), responseStatus: 'accepted' });
    const room = (bits >>> 8) % 6 === 0;
    if (room) guests.push(roomOf(world));
    return {
      ...plainEvent({
        id: eventId(seed, { kind: 'meeting', index }),
        organizer,
        start: { kind: 'time', ms: startMs, zone },
        end: { kind: 'time', ms: startMs + meeting.minutes * MINUTE_MS, zone },
        createdMs: meeting.createdAt.getTime(),
        updatedMs: meeting.modifiedAt.getTime(),
      }),
      summary: meeting.subject,
      location: room ? ROOMS[world.company.id] : null,
      attendees: guests,
      hangoutLink: room ? null : meetLink(draw(index, 6)),
      sequence: (bits >>> 12) % 3,
      sharedProperties: linked ? { crm_event_id: salesforceId(CRM_EVENT, index) } : {},
    };
  };
  return {
    kind: 'meeting',
    slots: world.counts.meetings,
    exists: (index) => !linked || draw(index, 0) % 5 !== 0,
    build,
  };
}

const ROOMS = { acme: 'Hamburg-2-Raum Alster (12)', globex: 'Torino-1-Sala Po (12)' } as const;

function roomOf(world: World): Attendee {
  const email = 'c_188a2rs4tl1k0@resource.calendar.google.com';
  return { email, displayName: ROOMS[world.company.id], resource: true, responseStatus: 'accepted' };
}
