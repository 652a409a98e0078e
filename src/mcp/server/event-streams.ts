import { fromHere, GantryError, isJsonObject, limits, type Json, type JsonObject } from '../../kernel/index.ts';
import { cleanJson } from '../tools/clean.ts';
import { parseEventLink } from '../tools/event-links.ts';
import type { EventItem, FollowEvents } from '../tools/events.ts';
import type { McpSender } from './endpoint.ts';
import type { Turnstile } from './turnstile.ts';

/** What a stream hears of the links that it subscribed to. */
export interface FollowedLinks {
  /** Tells each event as it comes, one whenever the reader has taken the one before. */
  start(tell: (uri: string, event: JsonObject) => void, turnstile: Turnstile): void;
  /** Also without a start. */
  stop(): void;
}

export interface EventStreamOptions {
  readonly follow: FollowEvents;
  readonly onError?: (error: Error) => void;
}

export interface EventStreams {
  /**
   * The links of this `subscriptions/listen`, each checked and at its place.
   * Raises `bad_request`, `rate_limited` and what following them raises. `ended` is
   * told once one of them comes to its end: the client then asks again, and hears why.
   */
  open(sender: McpSender, links: readonly string[], ended: () => void): Promise<FollowedLinks>;
}

/** Bounded per key and in all, as the streams of events over REST are. */
export function createEventStreams({ follow, onError }: EventStreamOptions): EventStreams {
  const open = new Map<string, number>();

  function admit(bearer: string, count: number): () => void {
    const own = (open.get(bearer) ?? 0) + count;
    const all = [...open.values()].reduce((sum, each) => sum + each, count);
    if (count > limits.mcpEventLinksMax || own > limits.eventStreamsPerKeyMax || all > limits.eventStreamsMax) {
      throw new GantryError('rate_limited', {
        message: `A stream follows at most ${limits.mcpEventLinksMax} links to events, a key ${limits.eventStreamsPerKeyMax} in all.`,
        where: 'resourceSubscriptions',
      });
    }
    open.set(bearer, own);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (open.get(bearer) ?? count) - count;
      if (left > 0) open.set(bearer, left);
      else open.delete(bearer);
    };
  }

  return {
    async open({ bearer, from = fromHere }, links, ended) {
      const uris = [...new Set(links)];
      const wishes = uris.map(parseEventLink);
      const release = admit(bearer, uris.length);
      const stopping = new AbortController();
      const stop = (): void => {
        release();
        stopping.abort(new Error('the stream ended'));
      };
      const feeds: { readonly uri: string; readonly items: AsyncGenerator<EventItem> }[] = [];
      try {
        for (const [at, wish] of wishes.entries()) {
          feeds.push({ uri: uris[at] ?? '', items: await follow(bearer, wish, stopping.signal, from) });
        }
      } catch (error) {
        stop();
        throw error;
      }
      return {
        stop,
        start: (tell, turnstile) => {
          for (const { uri, items } of feeds) {
            const run = async (): Promise<void> => {
              for await (const item of items) {
                if (item.kind !== 'event') continue;
                await turnstile.pass(stopping.signal);
                if (stopping.signal.aborted) return;
                tell(uri, cleanJson(item.payload) as JsonObject);
              }
            };
            void run()
              .catch((cause: unknown) => onError?.(cause instanceof Error ? cause : new Error(String(cause))))
              .finally(ended);
          }
        },
      };
    },
  };
}

/** The links that a `subscriptions/listen` asks for; null where it is none, or not one that the protocol will take. */
export function linksIn(body: Json): { readonly id: Json; readonly links: readonly string[] } | null {
  if (!isJsonObject(body) || body['method'] !== 'subscriptions/listen' || !isJsonObject(body['params'])) return null;
  const { notifications } = body['params'];
  const links = isJsonObject(notifications) ? notifications['resourceSubscriptions'] : null;
  if (!Array.isArray(links) || links.length === 0) return null;
  const texts = links.filter((each): each is string => typeof each === 'string');
  return texts.length < links.length ? null : { id: body['id'] ?? null, links: texts };
}
