import { hash32 } from '../../kit/index.ts';
import type { World } from '../../world/index.ts';
import { zoneOf } from '../directory.ts';
import { plainEvent, type CalendarEvent } from '../event.ts';
import { eventId, idSeed } from '../ids.ts';
import { CALL_TITLES, HOSTILE_NOTES, NOTES } from './texts.ts';
import {
  customer,
  DAY_MS,
  drawsOf,
  entryOf,
  guest,
  MINUTE_MS,
  meetLink,
  officeHour,
  sellers,
  memberOf,
  staffOf,
  stamped,
  type EventSource,
} from './source.ts';

/**
 * Appointments with customers that nobody entered anywhere else; none is a
 * review. Some were invited by the customer, from another calendar product.
 * One in twenty is cancelled.
 */
export function calls(world: World): EventSource {
  const draw = drawsOf(world, 'call');
  const seed = idSeed(world);
  const zone = zoneOf(world);
  const owners = sellers(world);
  const staff = staffOf(world);
  const anchorMs = world.anchor.getTime();
  const titles = CALL_TITLES[world.company.id];

  const build = (index: number): CalendarEvent => {
    const owner = entryOf(owners, draw(index, 0));
    const account = draw(index, 1) % world.counts.accounts;
    const dayMs = anchorMs + ((draw(index, 2) % 780) - 720) * DAY_MS;
    const startMs = officeHour(dayMs, draw(index, 3));
    const upcoming = startMs > anchorMs;
    const invited = guest(world, customer(world, account, draw(index, 4)), upcoming, draw(index, 5));
    const own = memberOf(staff, owner);
    const bits = draw(index, 6);
    const foreign = bits % 6 === 0;
    const notes = (bits >>> 3) % 90 === 0 ? HOSTILE_NOTES : NOTES[world.company.id];
    return {
      ...plainEvent({
        id: eventId(seed, { kind: 'call', index }),
        organizer: foreign ? { email: invited.email } : own,
        start: { kind: 'time', ms: startMs, zone },
        end: { kind: 'time', ms: startMs + (1 + ((bits >>> 5) % 4)) * 15 * MINUTE_MS, zone },
        ...stamped(world, startMs + ((bits % 96) - 48) * 60 * MINUTE_MS, (1 + (bits % 30)) * DAY_MS),
      }),
      status: (bits >>> 7) % 20 === 0 ? 'cancelled' : (bits >>> 7) % 11 === 0 ? 'tentative' : 'confirmed',
      summary: entryOf(titles, draw(index, 7)).replace('{c}', () => world.account(account).name),
      description: (bits >>> 10) % 3 === 0 ? entryOf(notes, bits >>> 12) : null,
      attendees: [{ ...own, responseStatus: foreign ? 'tentative' : 'accepted' }, invited],
      hangoutLink: foreign ? null : meetLink(draw(index, 8)),
      iCalUid: foreign ? outlookUid(draw(index, 9)) : null,
    };
  };
  return { kind: 'call', slots: Math.floor(world.counts.meetings / 6), exists: () => true, build };
}

/** What Outlook gives to the events that it creates. */
function outlookUid(bits: number): string {
  const hex = [0, 1, 2, 3].map((at) => hash32(bits, at).toString(16).padStart(8, '0')).join('');
  return `040000008200E00074C5B7101A82E008${hex.toUpperCase()}`;
}
