import {
  concurrently,
  contentHash,
  GantryError,
  isJsonObject,
  limits,
  type Json,
  type JsonObject,
} from '../../kernel/index.ts';
import type { RegisteredWebhook, WebhookRegistration, WebhookSource } from '../contract.ts';
import { textAt } from '../kit/answer-values.ts';
import type { Declaration } from '../kit/declaration.ts';
import { sessionContexts, type ConnectorDeps, type SessionContext } from '../kit/declared-connector.ts';
import { nothingTold, registering } from '../kit/registration.ts';
import { allCalendars } from './read-calendars.ts';
import { isReadable } from './read-events.ts';

/** A notification channel that is open. */
interface Channel {
  readonly id: string;
  readonly resourceId: string;
  /** What it watches: the path without `/watch`. */
  readonly path: string;
  /** ms since 1970. */
  readonly expires: number;
}

const LIST_PATH = '/calendar/v3/users/me/calendarList';
const OBJECTS: readonly string[] = ['calendars', 'events'];
/** "Default is 604800 seconds", says the reference of Events.watch of `params.ttl`. */
const TTL_S = 604_800;

/**
 * Notification channels (developers.google.com, Calendar API, "Get push
 * notifications"; reference of Events.watch, CalendarList.watch, Channels.stop):
 * one per calendar and one for the list of calendars. They end by themselves and
 * cannot be prolonged: a new one with another id is opened before. Calendars
 * that cannot be watched are left to the schedule.
 */
export function googleChannels(
  declaration: Declaration,
  deps: ConnectorDeps,
): Required<Pick<WebhookSource, 'register' | 'remove' | 'objects'>> {
  const contextOf = sessionContexts(declaration, deps);
  const newId = (): string => Buffer.from(deps.random.bytes(24)).toString('base64url');
  return {
    objects: OBJECTS,
    register: (access, request) => registering(() => register(contextOf(access), request, newId), refusal),
    // Channels cannot be listed: those whose answer was lost end by themselves.
    remove: async (access, reference) => {
      await stopAll(contextOf(access), channelsIn(reference));
    },
  };
}

async function register(
  context: SessionContext,
  request: WebhookRegistration,
  newId: () => string,
): Promise<RegisteredWebhook> {
  const objects = OBJECTS.filter((object) => request.objects.includes(object));
  if (objects.length === 0) throw nothingTold('Google Calendar', request.objects);
  // Others than these were opened with another address or token.
  const agreed = contentHash(`${request.url}\n${request.secret}`);
  const before = channelsIn(request.before);
  const goodUntil = context.clock.now().getTime() + limits.webhookRenewAheadMs;
  const isGood = ({ expires }: Channel): boolean => request.before?.['agreed'] === agreed && expires > goodUntil;
  const paths = await pathsOf(context, objects);
  const kept = before.filter((channel) => paths.includes(channel.path) && isGood(channel));
  const missing = paths.filter((path) => !kept.some((channel) => channel.path === path));
  const opened: Channel[] = [];
  try {
    await concurrently(missing, limits.describesAtOnce, async (path) => {
      const channel = await open(context, path, { id: newId(), url: request.url, token: request.secret });
      if (channel !== null) opened.push(channel);
    });
  } catch (error) {
    // Nobody would know of these; they would end by themselves within a week.
    await stopAll(context, opened).catch(() => undefined);
    throw error;
  }
  const channels = [...kept, ...opened];
  if (channels.length === 0) throw nothingTold('Google Calendar', objects);
  await stopAll(
    context,
    before.filter((channel) => !kept.includes(channel)),
  ).catch(() => undefined);
  return {
    reference: { agreed, channels: channels.map((channel) => ({ ...channel })) },
    objects: objects.filter((object) => channels.some(({ path }) => objectOf(path) === object)),
    expiresAt: new Date(Math.min(...channels.map(({ expires }) => expires))),
  };
}

async function pathsOf(context: SessionContext, objects: readonly string[]): Promise<string[]> {
  const calendars = objects.includes('events') ? (await allCalendars(context)).filter(isReadable) : [];
  const events = calendars.map(
    (entry) => `/calendar/v3/calendars/${encodeURIComponent(textAt(entry, 'id') ?? '')}/events`,
  );
  return [...(objects.includes('calendars') ? [LIST_PATH] : []), ...events];
}

const objectOf = (path: string): string => (path === LIST_PATH ? 'calendars' : 'events');

/** Null: this calendar cannot be watched, or is no longer shared. */
async function open(
  { http, clock }: SessionContext,
  path: string,
  { id, url, token }: { readonly id: string; readonly url: string; readonly token: string },
): Promise<Channel | null> {
  const { status, body } = await http({
    method: 'POST',
    path: `${path}/watch`,
    headers: JSON_TYPE,
    body: JSON.stringify({ id, type: 'web_hook', address: url, token, params: { ttl: String(TTL_S) } }),
    accept: (code, answer) => isUnwatchable(code, answer) || isAddressRefused(answer),
  });
  if (isAddressRefused(body)) throw addressRefused(path);
  if (status >= 400) return null;
  const resourceId = textAt(body, 'resourceId');
  const expires = Number(textAt(body, 'expiration') ?? Number.NaN);
  if (resourceId === null) throw noResource(path);
  return { id, resourceId, path, expires: Number.isFinite(expires) ? expires : clock.now().getTime() + TTL_S * 1_000 };
}

const JSON_TYPE = { 'content-type': 'application/json' };

const reasonIn = (body: Json): string => textAt(body, 'error.errors.0.reason') ?? '';

/** Calendars that Google makes itself have no channels; one that is shared no more answers 404. */
const isUnwatchable = (status: number, body: Json): boolean =>
  status === 404 || reasonIn(body) === 'pushNotSupportedForRequestedResource';

/** `push.webhookUrlNotHttps`, `push.webhookUrlUnauthorized` and the like: not about the calendar. */
const isAddressRefused = (body: Json): boolean => reasonIn(body).startsWith('push.webhookUrl');

async function stopAll({ http }: SessionContext, channels: readonly Channel[]): Promise<void> {
  await concurrently(channels, limits.describesAtOnce, ({ id, resourceId }) =>
    http({
      method: 'POST',
      path: '/calendar/v3/channels/stop',
      headers: JSON_TYPE,
      body: JSON.stringify({ id, resourceId }),
      accept: (status) => status === 204 || status === 404,
    }),
  );
}

function channelsIn(reference: JsonObject | null): Channel[] {
  const channels = reference?.['channels'];
  if (!Array.isArray(channels)) return [];
  return channels.flatMap((channel: Json) => {
    if (!isJsonObject(channel)) return [];
    const { id, resourceId, path, expires } = channel;
    const isOne = typeof id === 'string' && typeof resourceId === 'string' && typeof path === 'string';
    return isOne && typeof expires === 'number' ? [{ id, resourceId, path, expires }] : [];
  });
}

function addressRefused(path: string): GantryError {
  return new GantryError('webhook_registration_refused', {
    message: 'Google does not send notifications to this address.',
    where: `POST ${path}/watch`,
    fix: 'Set GANTRY_PUBLIC_URL to an https address with a certificate of a public authority that Google reaches.',
  });
}

function noResource(path: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: 'Google opened a channel and does not say of what.',
    where: `POST ${path}/watch`,
    data: { class: 'malformed_response', path: 'resourceId' },
  });
}

function refusal(code: string): { readonly message: string; readonly fix: string } {
  if (code === 'upstream_forbidden') {
    return {
      message: 'Google does not let the connected user watch calendars.',
      fix: 'Connect again and agree to read access to calendars, or let the Google Workspace administrator trust the application.',
    };
  }
  return { message: 'Google does not open a notification channel.', fix: 'Connect a user who has Google Calendar.' };
}
