import { hash32, hashText, type Deliveries, type Effect, type Outcome, type SandboxClock } from '../../kit/index.ts';

/** What a channel tells about. */
export type Watched =
  { readonly kind: 'events'; readonly calendar: string } | { readonly kind: 'calendarList'; readonly user: number };

/** A notification channel as its owner opened it. Source: Calendar API, "Push notifications". */
export interface Channel {
  readonly id: string;
  /** Index of the person who opened it; tells only what this person may see. */
  readonly user: number;
  readonly watched: Watched;
  readonly address: string;
  readonly token: string | null;
  readonly resourceId: string;
  readonly resourceUri: string;
  readonly expirationMs: number;
}

export interface Channels {
  /** Opens a channel and tells so with a `sync` message; false if a living channel has that id. */
  open(channel: Channel): boolean;
  /** False unless this person has such a channel. */
  stop(user: number, id: string, resourceId: string): boolean;
  /** Those that have not expired. */
  living(): readonly Channel[];
  /** Sends `exists`. */
  tell(channel: Channel, about: Effect): void;
}

/** "Push notifications", "Respond to notifications": these statuses are a success, */
const SUCCESSES: readonly number[] = [200, 201, 202, 204, 102];
/** and these are tried again with growing waits; everything else is a lost message. */
const REPEATED: readonly number[] = [500, 502, 503, 504];
/** How often and how fast is not documented. */
const ATTEMPTS_MAX = 6;
const FIRST_WAIT_MS = 1_000;
const TIMEOUT_MS = 10_000;

const RULES = {
  timeoutMs: TIMEOUT_MS,
  accepts: (outcome: Outcome) => outcome.kind === 'answered' && SUCCESSES.includes(outcome.status),
  retryInMs: (attempt: number, outcome: Outcome) =>
    outcome.kind === 'answered' && REPEATED.includes(outcome.status) && attempt < ATTEMPTS_MAX
      ? FIRST_WAIT_MS * 2 ** (attempt - 1)
      : null,
};

export interface ChannelParts {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  readonly seed: number;
}

export function createChannels({ clock, deliveries, seed }: ChannelParts): Channels {
  const channels = new Map<string, { readonly channel: Channel; number: number }>();
  const lives = ({ expirationMs }: Channel): boolean => clock.now().getTime() < expirationMs;

  const send = (channel: Channel, number: number, state: 'sync' | 'exists', about: Effect | null): void => {
    deliveries.send(
      {
        source: channel.id,
        to: channel.address,
        about,
        request: () => ({ headers: headersOf(channel, number, state), body: '' }),
      },
      RULES,
    );
  };
  return {
    open: (channel) => {
      const known = channels.get(channel.id);
      if (known !== undefined && lives(known.channel)) return false;
      channels.set(channel.id, { channel, number: 1 });
      send(channel, 1, 'sync', null);
      return true;
    },
    stop: (user, id, resourceId) => {
      const channel = channels.get(id)?.channel;
      if (channel === undefined || !lives(channel) || channel.user !== user || channel.resourceId !== resourceId)
        return false;
      channels.delete(id);
      deliveries.cancel(id);
      return true;
    },
    living: () => [...channels.values()].map(({ channel }) => channel).filter(lives),
    tell: (channel, about) => {
      const known = channels.get(channel.id);
      if (known?.channel !== channel) return;
      // Numbers grow, but not by one.
      known.number += 1 + (hash32(seed, hashText(channel.id), known.number) % 997);
      send(channel, known.number, 'exists', about);
    },
  };
}

/** Source: "Push notifications", "Understand the notification message format". There is no body. */
function headersOf(channel: Channel, number: number, state: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json; utf-8',
    accept: '*/*',
    'user-agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
    'x-goog-channel-id': channel.id,
    'x-goog-channel-expiration': new Date(channel.expirationMs).toUTCString(),
    'x-goog-resource-state': state,
    'x-goog-message-number': String(number),
    'x-goog-resource-id': channel.resourceId,
    'x-goog-resource-uri': channel.resourceUri,
    ...(channel.token === null ? {} : { 'x-goog-channel-token': channel.token }),
  };
}
