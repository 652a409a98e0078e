import type { Effect } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { allows } from '../access/roles.ts';
import type { CalendarRecord } from '../directory.ts';
import type { CalendarEvent } from '../event.ts';
import { addresses } from '../store/base.ts';

/** Every channel of a calendar that the event lies on, or lay on before, hears that something there exists. */
export function tellEventChange(account: Account, about: Effect, versions: readonly CalendarEvent[]): void {
  const { channels, directory } = account;
  const touched = new Set(versions.flatMap((event) => [...addresses(event)]));
  for (const channel of channels.living()) {
    if (channel.watched.kind !== 'events' || !touched.has(channel.watched.calendar)) continue;
    const calendar = directory.find(channel.watched.calendar);
    if (calendar !== null && allows(directory.access(channel.user, calendar), 'reader')) channels.tell(channel, about);
  }
}

/** A calendar's name or sharing changed, and with it the lists that it stands on. */
export function tellListChange(account: Account, about: Effect, calendar: CalendarRecord): void {
  for (const channel of account.channels.living()) {
    if (channel.watched.kind !== 'calendarList') continue;
    if (account.directory.subscribes(channel.watched.user, calendar)) account.channels.tell(channel, about);
  }
}
