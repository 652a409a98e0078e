import { GantryError, isJsonObject, suggest, type Json, type JsonObject } from '../../kernel/index.ts';
import type { EventWish } from './events.ts';

const SCHEME = 'gantry://events/';

/** RFC 6570, as MCP's list of resource templates shows it. */
export const eventLinkTemplate = `${SCHEME}{object}{?filter,events,fields,after}`;

export const isEventLink = (uri: string): boolean => uri.startsWith(SCHEME);

/** `gantry://events/deal?filter=%7B%22stage%22%3A%22won%22%7D&after=4711` */
export function eventLink({ object, filter, events, fields, after }: EventWish): string {
  const query = new URLSearchParams();
  if (Object.keys(filter).length > 0) query.set('filter', JSON.stringify(filter));
  if (events.length > 0) query.set('events', events.join(','));
  if (fields !== null) query.set('fields', fields.join(','));
  if (after !== null) query.set('after', String(after));
  const text = query.toString().replaceAll('+', '%20');
  return `${SCHEME}${encodeURIComponent(object)}${text === '' ? '' : `?${text}`}`;
}

/** What such a link asks for. Raises `bad_request`, and says what is wrong with it. */
export function parseEventLink(uri: string): EventWish {
  // Only the first one divides: another belongs to a value, and nothing that was asked for may get lost.
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(uri.slice(SCHEME.length)) ?? [];
  if (!isEventLink(uri) || uri.length > CHARS_MAX) throw wrong('It is no link to events.', uri.slice(0, 200));
  const given = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!NAMES.includes(name)) throw wrong(`There is no "${name.slice(0, 80)}".`, 'query', suggest(name, NAMES));
    if (given.has(name)) throw wrong(`"${name}" is given twice.`, name);
    given.set(name, value);
  }
  const [events, fields, after] = [given.get('events'), given.get('fields'), given.get('after')];
  if (after !== undefined && !/^\d{1,15}$/.test(after)) throw wrong('It is no sequence number.', 'after');
  return {
    object: objectIn(path),
    filter: filterIn(given.get('filter')),
    events: events === undefined ? [] : namesIn(events, 'events'),
    fields: fields === undefined ? null : namesIn(fields, 'fields'),
    after: after === undefined ? null : Number(after),
  };
}

const NAMES: readonly string[] = ['filter', 'events', 'fields', 'after'];
const CHARS_MAX = 40_000;

function objectIn(path: string): string {
  try {
    const object = decodeURIComponent(path);
    if (object !== '' && !object.includes('/')) return object;
  } catch {
    // Half an escape sequence: said below.
  }
  throw wrong('It names no object.', 'object');
}

function namesIn(text: string, where: string): string[] {
  const names = text.split(',');
  if (names.includes('')) throw wrong('A name is empty.', where);
  return names;
}

function filterIn(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  try {
    const json = JSON.parse(text) as Json;
    if (isJsonObject(json)) return json;
  } catch {
    // Said below, as of JSON that is no object.
  }
  throw wrong('The filter is not a JSON object.', 'filter');
}

const wrong = (message: string, where: string, suggestions: readonly string[] = []): GantryError =>
  new GantryError('bad_request', {
    message,
    where,
    suggestions,
    fix: `Links to events are ${eventLinkTemplate}; filter is JSON in the language of queries, the rest comma separated.`,
  });
