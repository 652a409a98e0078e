import type { SandboxResponse } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import type { CalendarRecord } from '../directory.ts';
import { isTimeZone } from '../zone.ts';
import { flag, isResponse, size } from './context.ts';
import {
  badRequest,
  fullSyncRequired,
  invalid,
  invalidParameter,
  orderUnavailable,
  restrictedSyncToken,
  timeRangeEmpty,
  updatedMinTooLongAgo,
} from './errors.ts';
import { decodePageToken, decodeSyncToken, type PageToken, type SyncToken } from './tokens.ts';

const DAY_MS = 86_400_000;
/** Source: Calendar API reference, Events: list. */
const PAGE_DEFAULT = 250;
const PAGE_MAX = 2_500;

/** With one of these no sync token is given, and none may be used. */
const RESTRICTIONS = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'updatedMin',
] as const;
/** These, too, cannot stand beside a sync token; a first reading may be limited by them. */
const WINDOW = ['timeMin', 'timeMax'] as const;
/** What a page token does not depend on. */
const FREE = new Set(['maxResults', 'pageToken', 'fields', 'alt', 'prettyPrint', 'key', 'quotaUser', 'access_token']);

export interface ListQuery {
  readonly singleEvents: boolean;
  readonly showDeleted: boolean;
  readonly timeMinMs: number | null;
  readonly timeMaxMs: number | null;
  readonly updatedMinMs: number | null;
  readonly orderBy: 'startTime' | 'updated' | null;
  readonly text: string | null;
  readonly iCalUid: string | null;
  readonly privateProperties: readonly (readonly [string, string])[];
  readonly sharedProperties: readonly (readonly [string, string])[];
  /** Null: of all types; there are only events of type `default` here. */
  readonly eventTypes: readonly string[] | null;
  readonly pageSize: number;
  readonly maxAttendees: number;
  readonly timeZone: string;
  readonly sync: SyncToken | null;
  readonly page: PageToken | null;
  /** Whether the last page carries a sync token. */
  readonly tokenFollows: boolean;
  readonly shape: string;
}

/** Reads and checks the parameters of Events: list; the refusal is Google's. */
export function parseListQuery(
  account: Account,
  calendar: CalendarRecord,
  query: URLSearchParams,
): ListQuery | SandboxResponse {
  const syncText = query.get('syncToken');
  if (syncText !== null && [...RESTRICTIONS, ...WINDOW].some((name) => query.has(name))) return restrictedSyncToken();
  const singleEvents = flag(query, 'singleEvents') ?? false;
  if (typeof singleEvents === 'object') return singleEvents;
  const showDeleted = flag(query, 'showDeleted') ?? false;
  if (typeof showDeleted === 'object') return showDeleted;
  const pageSize = size(query, 'maxResults', PAGE_DEFAULT, PAGE_MAX);
  if (typeof pageSize === 'object') return pageSize;
  const maxAttendees = size(query, 'maxAttendees', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  if (typeof maxAttendees === 'object') return maxAttendees;
  if (syncText !== null && query.get('showDeleted') === 'false') return restrictedSyncToken();
  const window = parseWindow(account, query);
  if ('status' in window) return window;
  const orderBy = query.get('orderBy');
  if (orderBy !== null && orderBy !== 'startTime' && orderBy !== 'updated')
    return invalidParameter('orderBy', `Invalid string value: '${orderBy}'. Allowed values: [startTime, updated]`);
  if (orderBy === 'startTime' && !singleEvents) return orderUnavailable();
  const timeZone = query.get('timeZone') ?? calendar.timeZone;
  if (!isTimeZone(timeZone)) return invalid('timeZone', 'Invalid time zone definition.');
  const properties = {
    privateProperties: pairs(query.getAll('privateExtendedProperty')),
    sharedProperties: pairs(query.getAll('sharedExtendedProperty')),
  };
  if (properties.privateProperties === null || properties.sharedProperties === null) return badRequest();
  const shape = shapeOf(query);
  const tokens = parseTokens(account, calendar, query, { shape, syncShape: `single=${String(singleEvents)}` });
  if (isResponse(tokens)) return tokens;
  return {
    singleEvents,
    showDeleted,
    ...window,
    orderBy,
    text: query.get('q')?.toLowerCase() ?? null,
    iCalUid: query.get('iCalUID'),
    privateProperties: properties.privateProperties,
    sharedProperties: properties.sharedProperties,
    eventTypes: query.has('eventTypes') ? query.getAll('eventTypes') : null,
    pageSize,
    maxAttendees,
    timeZone,
    ...tokens,
    tokenFollows: !RESTRICTIONS.some((name) => query.has(name)),
    shape,
  };
}

type Window = Pick<ListQuery, 'timeMinMs' | 'timeMaxMs' | 'updatedMinMs'>;

function parseWindow(account: Account, query: URLSearchParams): Window | SandboxResponse {
  const moments = new Map<string, number | null>();
  for (const name of ['timeMin', 'timeMax', 'updatedMin']) {
    const text = query.get(name);
    const ms = text === null ? null : momentOf(text);
    if (Number.isNaN(ms)) return badRequest();
    moments.set(name, ms);
  }
  const at = (name: string): number | null => moments.get(name) ?? null;
  const [timeMinMs, timeMaxMs, updatedMinMs] = [at('timeMin'), at('timeMax'), at('updatedMin')];
  if (timeMinMs !== null && timeMaxMs !== null && timeMaxMs <= timeMinMs) return timeRangeEmpty();
  const oldest = account.clock.now().getTime() - account.limits.keptDays * DAY_MS;
  if (updatedMinMs !== null && updatedMinMs < oldest) return updatedMinTooLongAgo();
  return { timeMinMs, timeMaxMs, updatedMinMs };
}

/** RFC 3339 with an offset, which Google insists on. */
function momentOf(text: string): number {
  const valid = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.test(text);
  return valid ? Math.floor(Date.parse(text) / 1000) * 1000 : Number.NaN;
}

interface Shapes {
  readonly shape: string;
  readonly syncShape: string;
}

function parseTokens(
  account: Account,
  calendar: CalendarRecord,
  query: URLSearchParams,
  { shape, syncShape }: Shapes,
): Pick<ListQuery, 'sync' | 'page'> | SandboxResponse {
  const pageText = query.get('pageToken');
  const page = pageText === null ? null : decodePageToken(pageText);
  if (pageText !== null && (page === null || page.list !== calendar.id || page.shape !== shape))
    return invalid('pageToken', 'Invalid page token value.');
  const syncText = query.get('syncToken');
  if (syncText === null) return { sync: null, page };
  const sync = decodeSyncToken(syncText);
  if (sync === null || sync.list !== calendar.id || sync.shape !== syncShape)
    return invalid('syncToken', 'Invalid sync token value.');
  return isGone(account, sync) ? fullSyncRequired() : { sync, page };
}

/** Too old, expired on purpose, or of an account that was started anew since. */
export function isGone({ limits, clock, epoch, events }: Account, token: SyncToken): boolean {
  const ageMs = clock.now().getTime() - token.issuedMs;
  return token.epoch !== epoch || ageMs > limits.syncTokenDays * DAY_MS || token.seq > events.seq();
}

function shapeOf(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => !FREE.has(name))
    .map((pair) => pair.join('='))
    .toSorted()
    .join('&');
}

function pairs(texts: readonly string[]): readonly (readonly [string, string])[] | null {
  const found = texts.map((text) => /^([^=]+)=(.*)$/s.exec(text));
  return found.every((match) => match !== null)
    ? found.map((match) => [match[1] ?? '', match[2] ?? ''] as const)
    : null;
}
