import { GantryError, limits, type JsonObject } from '../../kernel/index.ts';
import type { Cursor, NativeRecord, PageRequest, RecordPage } from '../contract.ts';
import { textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { trailIn, type Trail } from '../kit/trail.ts';
import { eventRecord } from './event-record.ts';
import { domainOf } from './identity.ts';
import { readListPage, type ListPage, type ListPlace } from './list-page.ts';
import { allCalendars } from './read-calendars.ts';

/**
 * Where reading stands: one round after another over all calendars, each with
 * a sync token of its own. Complete in itself, so that any process goes on.
 */
interface Round {
  /** Sync token by calendar; null: the calendar has to be read whole. */
  readonly calendars: readonly (readonly [id: string, sync: string | null])[];
  /** The calendar to go on with; past the last one, the round is over. */
  readonly at: number;
  readonly page: string | null;
  /** Over the pages of this calendar. */
  readonly trail?: Trail | undefined;
  /** When the round began: what was true then is read when it ends. */
  readonly startedAt: string;
  /** Domain of the connected user's own address. */
  readonly ownDomain: string | null;
}

/** The most that Google puts into one answer (reference of Events.list). */
const PAGE_MAX = 2_500;

/** What a page is placed by: which events, and which of them are gone. */
export const PLACE_FIELDS: readonly string[] = ['id', 'status', 'updated'];
/** Standard parameter `fields` (partial responses); not one that pages and tokens depend on. */
const PLACES_ONLY = { fields: `items(${PLACE_FIELDS.join(',')}),nextPageToken,nextSyncToken` };
/** Of each of these the event is asked for by itself. */
const PLACES_MAX = 100;

/**
 * A page of the current round; quiet calendars cost a call each, but no page.
 * A place that Google has forgotten (410), or a calendar that is no longer
 * there, begins a whole new reading of all calendars: only that finds what was
 * deleted unseen.
 */
export async function readEvents(context: SessionContext, request: PageRequest): Promise<RecordPage> {
  const stored = request.cursor === null ? null : roundOf(request.cursor);
  if (stored !== null && stored.at < stored.calendars.length) return readOn(context, request, stored);
  const round = await nextRound(context, stored);
  const lostOne = stored?.calendars.some(([id]) => !round.calendars.some(([now]) => now === id)) ?? false;
  if (lostOne) return fromBeginning(context, request, round);
  return readOn(context, request, round);
}

async function readOn(context: SessionContext, request: PageRequest, round: Round): Promise<RecordPage> {
  try {
    return await pageOf(context, request, round);
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'cursor_expired') throw error;
    return fromBeginning(context, request, await nextRound(context, null));
  }
}

async function fromBeginning(context: SessionContext, request: PageRequest, round: Round): Promise<RecordPage> {
  const calendars = round.calendars.map(([id]) => [id, null] as const);
  return { ...(await pageOf(context, request, { ...round, calendars, at: 0, page: null })), restarted: true };
}

async function pageOf(context: SessionContext, request: PageRequest, begun: Round): Promise<RecordPage> {
  let round = begun;
  let records: readonly NativeRecord[] = [];
  while (round.at < round.calendars.length && records.length === 0) {
    const [id, sync] = round.calendars[round.at] ?? ['', null];
    const page = await eventsOf(context, id, { page: round.page, sync, trail: round.trail }, isPlacing(request));
    const calendar = { id, ownDomain: round.ownDomain };
    records = (page?.items ?? []).map((entry) => eventRecord(calendar, entry, request.object.fields));
    round = after(round, page);
  }
  const more = round.at < round.calendars.length;
  return { records, cursor: round as unknown as Cursor, more, readAt: new Date(round.startedAt) };
}

/** The place after a page; a calendar that was refused keeps its token. */
function after(round: Round, page: ListPage | null): Round {
  if (page?.more === true) return { ...round, page: page.next.page, trail: page.next.trail };
  const calendars = round.calendars.map((entry, at) =>
    at === round.at && page !== null ? ([entry[0], page.next.sync] as const) : entry,
  );
  return { ...round, calendars, at: round.at + 1, page: null, trail: undefined };
}

/** Null where the calendar is no longer shared with the user: the list of calendars will say so in the next round. */
async function eventsOf(
  context: SessionContext,
  calendar: string,
  place: ListPlace,
  placesOnly: boolean,
): Promise<ListPage | null> {
  const path = `/calendar/v3/calendars/${encodeURIComponent(calendar)}/events`;
  try {
    const list = placesOnly
      ? { object: 'events', path, sizeMax: PLACES_MAX, query: PLACES_ONLY }
      : { object: 'events', path, sizeMax: PAGE_MAX, query: {} };
    return await readListPage(context, list, place);
  } catch (error) {
    if (error instanceof GantryError && NOT_SHARED.has(error.code)) return null;
    throw error;
  }
}

const isPlacing = ({ object }: PageRequest): boolean =>
  object.fields.length > 0 && object.fields.every(({ name }) => PLACE_FIELDS.includes(name));

const NOT_SHARED = new Set(['upstream_object_missing', 'upstream_forbidden']);

/** The calendars as they are now, with the tokens that are known. */
async function nextRound(context: SessionContext, last: Round | null): Promise<Round> {
  const startedAt = context.clock.now().toISOString();
  const entries = await allCalendars(context);
  const tokens = new Map(last?.calendars);
  const calendars = entries.filter(isReadable).map((entry) => {
    const id = textAt(entry, 'id') ?? '';
    return [id, tokens.get(id) ?? null] as const;
  });
  const primary = entries.find((entry) => entry['primary'] === true);
  const own = primary === undefined ? null : domainOf(textAt(primary, 'id') ?? '');
  return { calendars, at: 0, page: null, startedAt, ownDomain: own };
}

/** Holidays, birthdays and the like: made by Google, the same for everybody. */
const VIRTUAL = '@group.v.calendar.google.com';

/** Of an entry of the user's list: whether its events are read. */
export function isReadable(entry: JsonObject): boolean {
  const id = textAt(entry, 'id') ?? '';
  if (id === '' || id.length > limits.recordIdCharsMax || id.endsWith(VIRTUAL)) return false;
  // Whoever sees busy times only has no events to read.
  return entry['hidden'] !== true && entry['deleted'] !== true && entry['accessRole'] !== 'freeBusyReader';
}

function roundOf(cursor: Cursor): Round {
  const { calendars, at, page, startedAt } = cursor;
  const isOurs =
    Array.isArray(calendars) &&
    typeof at === 'number' &&
    typeof startedAt === 'string' &&
    (page === null || typeof page === 'string');
  if (isOurs) return { ...(cursor as unknown as Round), trail: trailIn(cursor['trail']) };
  throw new GantryError('cursor_expired', { message: 'The stored place in the list of events has another form.' });
}
