import { hash32, hashText, json, parseJson, type SandboxResponse } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { allows } from '../access/roles.ts';
import type { Watched } from '../push/channels.ts';
import { calendarOf, isResponse, type Call } from './context.ts';
import { badRequest, channelRefused, invalid, pushNotSupported, readerNeeded, required } from './errors.ts';
import type { Json } from './present.ts';

/** Source: "Push notifications", "Required properties" and "Optional properties". */
const ID_LENGTH_MAX = 64;
const TOKEN_LENGTH_MAX = 256;

/** Events: watch. Calendars of public holidays tell nobody. */
export function watchEvents(call: Call): SandboxResponse {
  const open = calendarOf(call);
  if (isResponse(open)) return open;
  if (!allows(open.role, 'reader')) return readerNeeded();
  const { id, kind } = open.calendar;
  if (kind === 'holidays') return pushNotSupported();
  return watch(call, { kind: 'events', calendar: id }, `calendars/${encodeURIComponent(id)}/events`);
}

/** CalendarList: watch. */
export function watchCalendarList(call: Call): SandboxResponse {
  return watch(call, { kind: 'calendarList', user: call.user }, 'users/me/calendarList');
}

/** Channels: stop. */
export function stopChannel({ account, request, user }: Call): SandboxResponse {
  const body = objectOf(request.body);
  if (body === null) return badRequest();
  const { id, resourceId } = body;
  if (typeof id !== 'string') return required('id');
  if (typeof resourceId !== 'string') return required('resourceId');
  if (!account.channels.stop(user, id, resourceId)) return channelRefused('channelUnknown', id);
  return { status: 204, body: '' };
}

interface Wanted {
  readonly id: string;
  readonly address: string;
  readonly token: string | null;
  readonly expirationMs: number;
}

function watch({ account, request, user }: Call, watched: Watched, path: string): SandboxResponse {
  const wanted = wantedOf(account, request.body);
  if (isResponse(wanted)) return wanted;
  // The same for every channel of a resource; a person's list is a resource of its own.
  const key = watched.kind === 'calendarList' ? `${path} ${String(user)}` : path;
  const resourceId = [1, 2, 3].map((at) => hash32(account.world.seed, hashText(key), at).toString(36)).join('');
  const resourceUri = `${request.origin}/calendar/v3/${path}?alt=json`;
  const channel = { ...wanted, user, watched, resourceId, resourceUri };
  if (!account.channels.open(channel)) return channelRefused('channelIdNotUnique', wanted.id);
  return json(200, {
    kind: 'api#channel',
    id: wanted.id,
    resourceId,
    resourceUri,
    ...(wanted.token === null ? {} : { token: wanted.token }),
    expiration: String(wanted.expirationMs),
  });
}

function wantedOf(account: Account, text: string): Wanted | SandboxResponse {
  const body = objectOf(text);
  if (body === null) return badRequest();
  const { id, type, address, token = null } = body;
  if (typeof id !== 'string' || id === '') return required('id');
  if (id.length > ID_LENGTH_MAX) return invalid('id', `Channel id must be at most ${ID_LENGTH_MAX} characters.`);
  if (type !== 'web_hook' && type !== 'webhook') return invalid('type', 'Unknown channel type.');
  if (typeof address !== 'string' || address === '') return required('address');
  if (!mayReceive(account, address)) return channelRefused('push.webhookUrlNotHttps', address);
  if (token !== null && (typeof token !== 'string' || token.length > TOKEN_LENGTH_MAX))
    return invalid('token', `Channel token must be at most ${TOKEN_LENGTH_MAX} characters.`);
  const expirationMs = expiration(account, body);
  if (expirationMs === null) return invalid('expiration', 'Invalid channel expiration.');
  return { id, address, token, expirationMs };
}

/** https; or, unless switched off, http on this machine, which Google itself could never reach. */
function mayReceive(account: Account, address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol === 'https:') return true;
  const loopback = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return url?.protocol === 'http:' && loopback && !account.limits.httpsOnly;
}

/** The time that was asked for, or a life in seconds, but never more than Google gives. Null for nonsense. */
function expiration(account: Account, { expiration: asked, params }: Json): number | null {
  const now = account.clock.now().getTime();
  const most = now + account.limits.channelSeconds * 1000;
  const ttl = typeof params === 'object' && params !== null ? (params as Json)['ttl'] : undefined;
  const wanted =
    asked !== undefined && asked !== null ? Number(asked) : ttl === undefined ? most : now + Number(ttl) * 1000;
  return Number.isFinite(wanted) && wanted > now ? Math.floor(Math.min(wanted, most)) : null;
}

function objectOf(text: string): Json | null {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}
