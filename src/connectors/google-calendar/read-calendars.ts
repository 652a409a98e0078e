import { GantryError, limits, type JsonObject } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { NativeRecord, PageRequest, RecordPage } from '../contract.ts';
import { idAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { trailIn } from '../kit/trail.ts';
import { readListPage, type ListPage, type ListPlace } from './list-page.ts';

const BEGINNING: ListPlace = { page: null, sync: null };
/** The most that Google puts into one answer (reference of CalendarList.list). */
const PAGE_MAX = 250;

/** The calendars of the connected user's list; an entry that was removed from it is gone. */
export async function readCalendars(context: SessionContext, request: PageRequest): Promise<RecordPage> {
  const place = placeOf(request);
  try {
    return pageFrom(request, await listCalendars(context, place));
  } catch (error) {
    // A place that Google has forgotten: the whole list is read anew.
    if (place === BEGINNING || !(error instanceof GantryError) || error.code !== 'cursor_expired') throw error;
    return { ...pageFrom(request, await listCalendars(context, BEGINNING)), restarted: true };
  }
}

export function listCalendars(context: SessionContext, place: ListPlace): Promise<ListPage> {
  const path = '/calendar/v3/users/me/calendarList';
  // Incremental answers always have hidden ones, and the parameters have to stay the same.
  return readListPage(context, { object: 'calendars', path, sizeMax: PAGE_MAX, query: { showHidden: 'true' } }, place);
}

/** The whole list as it is now. */
export async function allCalendars(context: SessionContext): Promise<readonly JsonObject[]> {
  const items: JsonObject[] = [];
  let place = BEGINNING;
  for (let more = true; more;) {
    const page = await listCalendars(context, place);
    items.push(...page.items);
    if (items.length > limits.calendarsMax) throw tooMany();
    place = page.next;
    ({ more } = page);
  }
  return items;
}

function tooMany(): GantryError {
  return new GantryError('upstream_too_large', {
    message: `The connected user has more than ${String(limits.calendarsMax)} calendars in the list.`,
    where: 'calendars',
    fix: 'Connect a user who has fewer calendars in the list, or take those out that nobody needs.',
    data: { class: 'too_large', object: 'calendars' },
  });
}

function pageFrom({ object }: PageRequest, { items, next, more, askedAt }: ListPage): RecordPage {
  const records = items.map((entry) => calendarRecord(object, entry));
  const { page, sync, trail } = next;
  const cursor = { page, sync, ...(trail === undefined ? {} : { trail: { ...trail } }) };
  return { records, cursor, more, readAt: askedAt };
}

export function calendarRecord(object: NativeObject, entry: JsonObject): NativeRecord {
  const id = idAt(entry, 'id', 'list of calendars');
  if (entry['deleted'] === true) return { id, modifiedAt: null, deleted: true, values: {} };
  const values = Object.fromEntries(
    object.fields.flatMap(({ name }) => (entry[name] === undefined ? [] : [[name, entry[name]]])),
  );
  return { id, modifiedAt: null, deleted: false, values };
}

function placeOf({ cursor }: PageRequest): ListPlace {
  if (cursor === null) return BEGINNING;
  const { page, sync, trail } = cursor;
  const isToken = (token: unknown): token is string | null => token === null || typeof token === 'string';
  if (isToken(page) && isToken(sync)) return { page, sync, trail: trailIn(trail) };
  throw new GantryError('cursor_expired', { message: 'The stored place in the list of calendars has another form.' });
}
