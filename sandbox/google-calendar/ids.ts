import { hash32, hashText } from '../kit/index.ts';
import type { World } from '../world/index.ts';

/** The sorts of records that fill the calendars. */
export const EVENT_KINDS = ['meeting', 'call', 'series', 'absence', 'private', 'fair', 'holiday', 'created'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface EventRef {
  readonly kind: EventKind;
  readonly index: number;
}

/** Event ids are made of base32hex digits. Source: Calendar API reference, Events, `id`. */
const DIGITS = '0123456789abcdefghijklmnopqrstuv';
const INDEX_LENGTH = 6;
const TAIL_LENGTH = 18;
const SALT = hashText('google event id');

/** Two companies of one seed share no id. */
export function idSeed(world: World): number {
  return hash32(SALT, world.seed, hashText(world.company.id));
}

/** 26 characters like Google's; the last ones do not follow the index, so that ids look unordered. */
export function eventId(seed: number, { kind, index }: EventRef): string {
  const place = EVENT_KINDS.indexOf(kind);
  const spread = hash32(seed, SALT, place, index);
  return digit(spread) + digit(place + 8) + digitsOf(index, INDEX_LENGTH) + tail(seed, place, index);
}

/** The record behind an id, or null if no id of this world looks so. */
export function parseEventId(seed: number, id: string): EventRef | null {
  if (id.length !== 2 + INDEX_LENGTH + TAIL_LENGTH) return null;
  const kind = EVENT_KINDS[DIGITS.indexOf(id.charAt(1)) - 8];
  let index = 0;
  for (const char of id.slice(2, 2 + INDEX_LENGTH)) index = index * 32 + DIGITS.indexOf(char);
  if (kind === undefined || index < 0) return null;
  return eventId(seed, { kind, index }) === id ? { kind, index } : null;
}

/** An instance has its master's id and its original start: `..._20260302T080000Z`, or `..._20260302` of a whole day. */
export function instanceId(master: string, original: { readonly kind: 'day' | 'time'; readonly ms: number }): string {
  const text = new Date(original.ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  return `${master}_${original.kind === 'day' ? text.slice(0, 8) : text}`;
}

export function splitInstanceId(id: string): { readonly master: string; readonly original: string } | null {
  const match = /^([0-9a-v]+)_(\d{8}(?:T\d{6}Z)?)$/.exec(id);
  return match === null ? null : { master: match[1] ?? '', original: match[2] ?? '' };
}

/** `c_` and 32 hex digits: calendars that belong to nobody's account. */
export function groupCalendarId(seed: number, name: string): string {
  const part = (at: number): string => hash32(seed, SALT, hashText(name), at).toString(16).padStart(8, '0');
  return `c_${part(0)}${part(1)}${part(2)}${part(3)}@group.calendar.google.com`;
}

function digit(bits: number): string {
  return DIGITS.charAt(bits % 32);
}

function digitsOf(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = digit(rest) + text;
  return text;
}

function tail(seed: number, place: number, index: number): string {
  const bits = [0, 1, 2].map((at) => hash32(seed, SALT, place, index, at));
  return bits.map((each) => digitsOf(each, TAIL_LENGTH / 3)).join('');
}
