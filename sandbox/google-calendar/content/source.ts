import { hash32, hashText } from '../../kit/index.ts';
import type { World } from '../../world/index.ts';
import type { Attendee, CalendarEvent, Person } from '../event.ts';
import type { EventKind } from '../ids.ts';

/** One sort of events, computed from the world. Slots may be empty; ids belong to slots. */
export interface EventSource {
  readonly kind: EventKind;
  readonly slots: number;
  exists(index: number): boolean;
  build(index: number): CalendarEvent;
  /** Changed and cancelled instances of a series, which are records of their own. */
  exceptions?(index: number): readonly CalendarEvent[];
  /** Where the event lies if its organizer has no calendar here. */
  readonly calendar?: string;
}

/** Draw number `draw` of a record: 32 uniform bits. */
export type Draw = (index: number, draw: number) => number;

export function drawsOf(world: World, kind: string): Draw {
  const salt = hashText(`calendar ${world.company.id} ${kind}`);
  return (index, draw) => hash32(world.seed, salt, index, draw);
}

export function entryOf<T>(list: readonly T[], bits: number): T {
  return list[bits % list.length] as T;
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
/** Nothing in the world is younger than this before its anchor. */
const MARGIN_MS = 90_000;

/** Everybody in the company, by index. */
export function staffOf(world: World): readonly Person[] {
  return Array.from({ length: world.counts.users }, (_empty, user) => {
    const { email, name } = world.user(user);
    return { email, displayName: name };
  });
}

/** One of them; throws on an index that nobody has. */
export function memberOf(staff: readonly Person[], user: number): Person {
  const person = staff[user];
  if (person === undefined) throw new Error(`nobody has the index ${user}`);
  return person;
}

/** The people of sales and success, who have customers; everybody if the seats of a team are empty. */
export function sellers(world: World): readonly number[] {
  const users = Array.from({ length: world.counts.users }, (_empty, user) => user);
  return users.filter((user) => ['sales', 'success'].includes(world.user(user).team));
}

/** Someone of an account. `bits` chooses; every account has at least one contact. */
export function customer(world: World, account: number, bits: number): number {
  return entryOf(world.childrenOf('contacts', account), bits);
}

export function guest(world: World, contact: number, upcoming: boolean, bits: number): Attendee {
  const { email, firstName, lastName } = world.contact(contact);
  const answers = upcoming ? UPCOMING : PAST;
  // Invitations to people outside the company often show the address alone.
  const named = bits % 3 === 0 ? {} : { displayName: `${firstName} ${lastName}` };
  return { email, ...named, responseStatus: entryOf(answers, bits >>> 4) };
}

const PAST = ['accepted', 'accepted', 'accepted', 'tentative', 'needsAction', 'declined'] as const;
const UPCOMING = ['needsAction', 'needsAction', 'accepted', 'accepted', 'tentative'] as const;

/** Moments of creation and last change that fit the world: not after its anchor, and in this order. */
export function stamped(
  world: World,
  updatedMs: number,
  ageMs: number,
): Pick<CalendarEvent, 'createdMs' | 'updatedMs'> {
  const newest = world.anchor.getTime() - MARGIN_MS;
  const last = Math.min(updatedMs, newest);
  return { createdMs: last - ageMs, updatedMs: last };
}

/** A quarter of an hour of a working day, 7 to 15 UTC, on or before the day. */
export function officeHour(ms: number, bits: number): number {
  const day = Math.floor(ms / DAY_MS);
  const weekday = (((day + 3) % 7) + 7) % 7;
  const workday = weekday > 4 ? day - (weekday - 4) : day;
  return workday * DAY_MS + (28 + (bits % 33)) * 15 * MINUTE_MS;
}

/** A room for video calls; the letters follow Google's pattern. */
export function meetLink(bits: number): string {
  const letters = (from: number, length: number): string =>
    Array.from({ length }, (_empty, at) => String.fromCharCode(97 + (hash32(bits, from + at) % 26))).join('');
  return `https://meet.google.com/${letters(0, 3)}-${letters(3, 4)}-${letters(7, 3)}`;
}
