import type { World } from '../../world/index.ts';
import { calls } from '../content/calls.ts';
import { absences, fairs, holidays, privateEvents } from '../content/days.ts';
import { meetings } from '../content/meetings.ts';
import { series } from '../content/series.ts';
import type { EventSource } from '../content/source.ts';
import type { Directory } from '../directory.ts';
import type { CalendarEvent } from '../event.ts';
import { idSeed, parseEventId, splitInstanceId } from '../ids.ts';
import { byId, instancesOf, lightOf, type Light } from './light.ts';

/** The events of a world as they were at its anchor. */
export interface BaseEvents {
  /** By id; built for all calendars when the first is asked for. */
  lightsOf(calendarId: string): readonly Light[];
  /** An event, an exception or an instance of a series. */
  get(id: string, nowMs: number): CalendarEvent | null;
  /** Events that are not cancelled; exceptions are not counted. */
  liveCount(): number;
}

export function createBaseEvents(world: World, directory: Directory): BaseEvents {
  const sources = sourcesOf(world, directory);
  const seed = idSeed(world);
  let index: ReadonlyMap<string, readonly Light[]> | null = null;
  let live: number | null = null;

  const plain = (id: string): CalendarEvent | null => {
    const ref = parseEventId(seed, id);
    const source = sources.find((each) => each.kind === ref?.kind);
    if (ref === null || source === undefined || ref.index >= source.slots || !source.exists(ref.index)) return null;
    return source.build(ref.index);
  };
  const exceptionsOf = (master: string): readonly CalendarEvent[] => {
    const ref = parseEventId(seed, master);
    const source = sources.find((each) => each.kind === ref?.kind);
    return ref === null ? [] : (source?.exceptions?.(ref.index) ?? []);
  };
  return {
    lightsOf: (calendarId) => {
      index ??= indexed(sources, directory);
      return index.get(calendarId) ?? [];
    },
    get: (id, nowMs) => {
      const parts = splitInstanceId(id);
      if (parts === null) return plain(id);
      const master = plain(parts.master);
      if (master === null) return null;
      const exception = exceptionsOf(parts.master).find((each) => each.id === id);
      if (exception !== undefined) return exception;
      const instances = instancesOf(
        lightOf(master, () => master),
        new Set(),
        nowMs,
      );
      return instances.find((each) => each.id === id)?.read() ?? null;
    },
    liveCount: () => {
      live ??= sources.reduce((sum, source) => sum + liveOf(source), 0);
      return live;
    },
  };
}

function liveOf(source: EventSource): number {
  let live = 0;
  for (let at = 0; at < source.slots; at += 1) {
    // Only calls are ever cancelled from the start.
    if (source.exists(at) && (source.kind !== 'call' || source.build(at).status !== 'cancelled')) live += 1;
  }
  return live;
}

function sourcesOf(world: World, directory: Directory): readonly EventSource[] {
  const group = directory.calendars().find(({ kind, listed }) => kind === 'group' && listed === 'shown');
  const holidayCalendar = directory.calendars().find(({ kind }) => kind === 'holidays');
  return [
    meetings(world),
    calls(world),
    series(world),
    absences(world),
    privateEvents(world),
    ...(group === undefined ? [] : [fairs(world, group)]),
    ...(holidayCalendar === undefined ? [] : [holidays(world, holidayCalendar)]),
  ];
}

function indexed(sources: readonly EventSource[], directory: Directory): ReadonlyMap<string, readonly Light[]> {
  const lists = new Map<string, Light[]>(directory.calendars().map(({ id }) => [id, []]));
  const file = (event: CalendarEvent, read: () => CalendarEvent): void => {
    const light = lightOf(event, read);
    for (const calendar of addresses(event)) lists.get(calendar)?.push(light);
  };
  for (const source of sources) {
    for (let at = 0; at < source.slots; at += 1) {
      if (!source.exists(at)) continue;
      file(source.build(at), () => source.build(at));
      for (const exception of source.exceptions?.(at) ?? []) file(exception, () => exception);
    }
  }
  for (const list of lists.values()) list.sort(byId);
  return lists;
}

/** Calendars that an event lies on: its organizer's and its guests', as far as they are ours. */
export function addresses(event: CalendarEvent): ReadonlySet<string> {
  const all = [event.organizer.email, ...event.attendees.map(({ email }) => email)];
  return new Set(event.leftBy.length === 0 ? all : all.filter((email) => !event.leftBy.includes(email)));
}
