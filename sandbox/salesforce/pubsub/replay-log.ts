import type { SandboxClock } from '../../kit/index.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ConsumerEvent } from './service.ts';

/** Change events and the places where somebody was told that there was nothing: both can be returned to. */
export interface LoggedEvent {
  /** Object whose records changed. */
  readonly entity: string;
  readonly event: ConsumerEvent['event'];
  /** The event's payload for somebody from whom some fields are hidden. */
  payloadWithout(hides: (field: FieldDef) => boolean): Buffer;
}

/** Whom events are read for. */
export interface EventReader {
  matches(entity: string): boolean;
  /** Null: every field of the object is shown. */
  hides(entity: string): ((field: FieldDef) => boolean) | null;
}

export interface ReplayLog {
  append(event: LoggedEvent): void;
  /** A new place at the tip, for an answer without events. */
  tip(): Buffer;
  /** Where the tip is now, without making a place there. */
  end(): number;
  /** Before the oldest event that is kept. */
  start(): number;
  /** The place that a client names; null: never given out, or older than what is kept. */
  place(replayId: Buffer): number | null;
  /** Up to `limit` events after a place, oldest first. */
  after(place: number, reader: EventReader, limit: number): readonly PlacedEvent[];
}

export interface PlacedEvent {
  readonly place: number;
  readonly event: ConsumerEvent;
}

/** Developer guide, "Event Message Durability". */
export const RETENTION_MS = 72 * 3_600_000;

interface Entry {
  readonly place: number;
  readonly atMs: number;
  readonly logged: LoggedEvent | null;
}

/** Replay ids are opaque and not contiguous; here ten bytes, of which the last two say nothing. */
export function createReplayLog(clock: SandboxClock): ReplayLog {
  const entries: Entry[] = [];
  let last = 5_936_000;
  let floor = last;

  const purge = (): void => {
    const oldest = clock.now().getTime() - RETENTION_MS;
    let gone = 0;
    for (const entry of entries) {
      if (entry.atMs >= oldest) break;
      floor = entry.place;
      gone += 1;
    }
    if (gone > 0) entries.splice(0, gone);
  };
  const add = (logged: LoggedEvent | null): number => {
    purge();
    last += 1 + (last % 4);
    entries.push({ place: last, atMs: clock.now().getTime(), logged });
    return last;
  };
  const firstAfter = (place: number): number => {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle]?.place ?? Infinity) <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    append: (logged) => {
      add(logged);
    },
    tip: () => replayIdOf(add(null)),
    end: () => last,
    start: () => {
      purge();
      return floor;
    },
    place: (replayId) => {
      purge();
      if (replayId.length < 8) return null;
      const place = Number(replayId.readBigUInt64BE());
      return entries[firstAfter(place) - 1]?.place === place ? place : null;
    },
    after: (place, reader, limit) => {
      purge();
      const found: PlacedEvent[] = [];
      for (let at = firstAfter(place); at < entries.length && found.length < limit; at += 1) {
        const entry = entries[at];
        const logged = entry?.logged ?? null;
        if (entry === undefined || logged === null || !reader.matches(logged.entity)) continue;
        const hides = reader.hides(logged.entity);
        const event = hides === null ? logged.event : { ...logged.event, payload: logged.payloadWithout(hides) };
        found.push({ place: entry.place, event: { event, replayId: replayIdOf(entry.place) } });
      }
      return found;
    },
  };
}

function replayIdOf(place: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeBigUInt64BE(BigInt(place));
  return bytes;
}
