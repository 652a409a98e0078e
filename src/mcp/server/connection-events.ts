import { INVALID_PARAMS, ProtocolError, type Server } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { newRequestId, toGantryError, type Random } from '../../kernel/index.ts';
import { errorBody } from '../tools/tool-door.ts';
import type { FollowEvents } from '../tools/events.ts';
import type { McpSender } from './endpoint.ts';
import { EVENT_KEY } from './event-key.ts';
import { createEventStreams, type FollowedLinks } from './event-streams.ts';
import type { Turnstile } from './turnstile.ts';

export interface ConnectionEventsOptions {
  readonly server: Server;
  readonly follow: FollowEvents;
  readonly sender: () => Promise<McpSender>;
  readonly random: Random;
  readonly onError?: (error: Error) => void;
}

/**
 * `resources/subscribe` of revisions up to 2025-11-25 for links of events,
 * where a connection is one client for as long as it lasts. The returned
 * function ends all of them.
 */
export function subscribeOnConnection(options: ConnectionEventsOptions): () => void {
  const { server, follow, sender, random, onError } = options;
  const told = onError === undefined ? {} : { onError };
  const streams = createEventStreams({ follow, ...told });
  const open = new Map<string, Subscribed>();
  const stop = (uri: string): void => {
    const own = open.get(uri);
    open.delete(uri);
    own?.links?.stop();
  };
  const tell = (uri: string, event: object): void => {
    void server
      .sendResourceUpdated({ uri, _meta: { [EVENT_KEY]: event } })
      .catch((cause: unknown) => onError?.(cause instanceof Error ? cause : new Error(String(cause))));
  };
  const begin = async (uri: string, own: Subscribed): Promise<void> => {
    const isWanted = (): boolean => open.get(uri) === own;
    try {
      const links = await streams.open(await sender(), [uri], () => {
        if (isWanted()) stop(uri);
      });
      // Whoever asked took it back, or is gone, while it was opened.
      if (!isWanted()) {
        links.stop();
        return;
      }
      own.links = links;
      links.start(tell, alwaysOpen);
    } catch (error) {
      if (isWanted()) open.delete(uri);
      throw error;
    }
  };
  const subscribe = (uri: string): Promise<void> => {
    const has = open.get(uri);
    if (has !== undefined && has.links === null) return has.opened;
    stop(uri);
    const own: Subscribed = { links: null, opened: Promise.resolve() };
    open.set(uri, own);
    own.opened = begin(uri, own);
    return own.opened;
  };
  server.setRequestHandler('resources/subscribe', { params: address }, async ({ uri }) => {
    try {
      await subscribe(uri);
    } catch (error) {
      const body = errorBody(toGantryError(error), newRequestId(random));
      throw new ProtocolError(INVALID_PARAMS, body.message, body);
    }
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', { params: address }, ({ uri }) => {
    stop(uri);
    return {};
  });
  return () => {
    for (const uri of open.keys()) stop(uri);
  };
}

/** There from the moment it is asked for, so that one link is never followed twice. */
interface Subscribed {
  /** Null: it is being opened. */
  links: FollowedLinks | null;
  opened: Promise<void>;
}

const address = z.looseObject({ uri: z.string() });

/** What is written goes to a pipe of a program on the same machine, which reads it line by line. */
const alwaysOpen: Turnstile = { open: () => undefined, pass: async () => undefined };
