import type { SandboxClock } from '../../kit/index.ts';
import type { CalendarEvent } from '../event.ts';
import { splitInstanceId } from '../ids.ts';
import { addresses, type BaseEvents } from './base.ts';
import { byId, instancesOf, lightOf, type Light } from './light.ts';

/** A changed or created event. */
interface Stored {
  readonly event: CalendarEvent;
  readonly light: Light;
  /** Number of the change, 1, 2, 3, ... */
  readonly seq: number;
  /** Calendars that it was taken off; there it looks deleted. */
  readonly gone: ReadonlySet<string>;
}

export interface EventStore {
  /** Number of the last change; 0 at the start. */
  seq(): number;
  /** Counts a change that is none of an event's; gives its number. */
  tick(): number;
  /** Every event of a calendar, cancelled ones included, by id. Series are not expanded. */
  lightsOf(calendarId: string): readonly Light[];
  /** What changed on a calendar after a change, in the order of ids. */
  changesOf(calendarId: string, afterSeq: number): readonly Light[];
  get(id: string): CalendarEvent | null;
  isOn(calendarId: string, event: CalendarEvent): boolean;
  put(event: CalendarEvent): void;
  /** The events that were created since the start, so far. */
  created(): number;
  liveCount(): number;
}

/** The world's events under what changed since. */
export function createEventStore(base: BaseEvents, clock: SandboxClock): EventStore {
  const overlay = new Map<string, Stored>();
  let seq = 0;
  let created = 0;
  let liveDelta = 0;
  const nowMs = (): number => clock.now().getTime();

  const get = (id: string): CalendarEvent | null => {
    const stored = overlay.get(id);
    if (stored !== undefined) return stored.event;
    const parts = splitInstanceId(id);
    const master = parts === null ? undefined : overlay.get(parts.master);
    if (master === undefined) return base.get(id, nowMs());
    return (
      instancesOf(master.light, new Set(), nowMs())
        .find((each) => each.id === id)
        ?.read() ?? null
    );
  };
  const onCalendar = (stored: Stored, calendarId: string): Light | null => {
    if (addresses(stored.event).has(calendarId)) return stored.light;
    return stored.gone.has(calendarId) ? { ...stored.light, cancelled: true, read: () => taken(stored.event) } : null;
  };
  return {
    seq: () => seq,
    tick: () => {
      seq += 1;
      return seq;
    },
    lightsOf: (calendarId) => {
      const kept = base.lightsOf(calendarId).filter(({ id }) => !overlay.has(id));
      const changed = [...overlay.values()].flatMap((stored) => onCalendar(stored, calendarId) ?? []);
      return changed.length === 0 ? kept : [...kept, ...changed].toSorted(byId);
    },
    changesOf: (calendarId, afterSeq) =>
      [...overlay.values()]
        .filter((stored) => stored.seq > afterSeq)
        .flatMap((stored) => onCalendar(stored, calendarId) ?? [])
        .toSorted(byId),
    get,
    isOn: (calendarId, event) => {
      const gone = overlay.get(event.id)?.gone;
      return addresses(event).has(calendarId) || gone?.has(calendarId) === true;
    },
    put: (event) => {
      const before = get(event.id);
      const left = before === null ? [] : [...addresses(before)].filter((each) => !addresses(event).has(each));
      const gone = new Set([...(overlay.get(event.id)?.gone ?? []), ...left]);
      for (const each of addresses(event)) gone.delete(each);
      seq += 1;
      if (before === null) created += 1;
      if (event.recurring === null) liveDelta += lives(event) - (before === null ? 0 : lives(before));
      overlay.set(event.id, { event, light: lightOf(event, () => event), seq, gone });
    },
    created: () => created,
    liveCount: () => base.liveCount() + liveDelta,
  };
}

function lives(event: CalendarEvent): number {
  return event.status === 'cancelled' ? 0 : 1;
}

/** How an event looks on a calendar that it was taken off. */
function taken(event: CalendarEvent): CalendarEvent {
  return { ...event, status: 'cancelled' };
}
