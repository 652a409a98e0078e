import type { Effect } from '../kit/index.ts';
import type { Account } from './account.ts';
import type { CalendarEvent } from './event.ts';
import { tellEventChange } from './push/tell.ts';

/** Puts a changed or new event into the store and tells the channels that watch its calendars. */
export function keepEvent(account: Account, about: Effect, event: CalendarEvent): void {
  const before = account.events.get(event.id);
  account.events.put(event);
  tellEventChange(account, about, before === null ? [event] : [before, event]);
}

/** Time of a change: later than the one before, because an event's tag is made of it. */
export function changeTime(account: Account, before: CalendarEvent): number {
  return Math.max(account.clock.now().getTime(), before.updatedMs + 1);
}

/** The changed instances of a series go with it. */
export function cancelExceptions(account: Account, master: CalendarEvent): void {
  if (master.recurrence === null) return;
  const exceptions = account.events
    .lightsOf(master.organizer.email)
    .filter((light) => light.master === master.id && !light.cancelled);
  for (const exception of exceptions.map((light) => light.read()))
    account.events.put({ ...exception, status: 'cancelled', updatedMs: changeTime(account, exception) });
}
