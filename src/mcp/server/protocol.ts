import {
  createMcpHandler,
  INVALID_PARAMS,
  type McpServer,
  type Server,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import { AsyncLocalStorage } from 'node:async_hooks';
import { limits, newRequestId, toGantryError, type Json, type Random } from '../../kernel/index.ts';
import { errorBody } from '../tools/tool-door.ts';
import type { FollowEvents } from '../tools/events.ts';
import { boundedText } from './bounded-text.ts';
import type { McpProtocol, McpSender } from './endpoint.ts';
import { endWith } from './end-with.ts';
import { EVENT_KEY } from './event-key.ts';
import { createEventStreams, linksIn, type FollowedLinks } from './event-streams.ts';
import { isOldStream, oldStream } from './old-stream.ts';
import { createTurnstile, type Turnstile } from './turnstile.ts';

/** Where an open stream learns that a list of tools has changed. */
export interface ToolListChanges {
  /** Tells of this sender until the returned function is called. */
  watch(sender: McpSender, stream: ChangeListener): () => void;
}

export interface ChangeListener {
  /** The sender's tools are others than when it was last told. */
  changed(): void;
  /** The stream must end: the sender is not admitted any more, or has too many streams. */
  end(): void;
}

export interface McpProtocolOptions {
  /** What serves one request of this sender. Before 2026-07-28 there is no stream on which subscriptions could be heard. */
  readonly serverFor: (sender: McpSender, generation: 'modern' | 'legacy') => Server | McpServer;
  readonly changes: ToolListChanges;
  /** What those hear who subscribe to links of events; absent: `resources.subscribe` is not ours. */
  readonly events?: { readonly follow: FollowEvents; readonly random: Random };
  /** Out-of-band reports of the protocol library, for the log. */
  readonly onError?: (error: Error) => void;
}

/** One request that may become a `subscriptions/listen` stream. */
interface Exchange {
  readonly sender: McpSender;
  readonly ended: AbortController;
  readonly turnstile: Turnstile;
  readonly links: FollowedLinks | null;
  isStream: boolean;
}

/**
 * 2026-07-28 and, without sessions, 2025-11-25 and older. Both have a stream
 * on which a client hears that its tools changed: `subscriptions/listen`, and
 * the GET stream of old.
 */
export function createMcpProtocol({ serverFor, changes, events, onError }: McpProtocolOptions): McpProtocol {
  const told = onError === undefined ? {} : { onError };
  const eventStreams = events === undefined ? null : createEventStreams({ follow: events.follow, ...told });
  // The library's bus does not say whose stream subscribes; the exchange in whose course it happens does.
  const exchanges = new AsyncLocalStorage<Exchange>();
  const oldStreams = new Set<() => void>();
  const bus: ServerEventBus = {
    publish: () => {
      throw new Error('changes are told per caller, not to everybody');
    },
    subscribe: (listener) => {
      const exchange = exchanges.getStore();
      if (exchange === undefined) throw new Error('an MCP stream was opened outside of a request');
      exchange.isStream = true;
      const unwatch = changes.watch(exchange.sender, {
        changed: () => listener({ kind: 'tools_list_changed' }),
        end: () => exchange.ended.abort(),
      });
      exchange.links?.start((uri, event) => {
        listener({ kind: 'resource_updated', uri, params: { _meta: { [EVENT_KEY]: event } } });
      }, exchange.turnstile);
      return () => {
        unwatch();
        exchange.links?.stop();
      };
    },
  };
  const handler = createMcpHandler(
    ({ authInfo, era }) => {
      const sender = authInfo?.extra?.['sender'] as McpSender | undefined;
      if (sender === undefined) throw new Error('an MCP request reached the protocol without a caller');
      return serverFor(sender, era);
    },
    {
      legacy: 'stateless',
      bus,
      maxSubscriptions: limits.mcpStreamsMax,
      maxRequestBodySize: limits.doorBodyBytesMax,
      ...(onError === undefined ? {} : { onerror: onError }),
    },
  );
  return {
    async fetch(request, sender) {
      if (isOldStream(request)) return oldStream(sender, changes, oldStreams);
      const ended = new AbortController();
      const asked = eventStreams === null ? null : await listenIn(request);
      let links: FollowedLinks | null = null;
      try {
        links = asked === null ? null : ((await eventStreams?.open(sender, asked.links, () => ended.abort())) ?? null);
      } catch (error) {
        if (events === undefined) throw error;
        const { message, ...data } = errorBody(toGantryError(error), newRequestId(events.random));
        return Response.json({
          jsonrpc: '2.0',
          id: asked?.id ?? null,
          error: { code: INVALID_PARAMS, message, data: { message, ...data } },
        });
      }
      const exchange: Exchange = { sender, ended, turnstile: createTurnstile(), links, isStream: false };
      const authInfo = { token: '', clientId: sender.context.caller.agent, scopes: [], extra: { sender } };
      const response = await exchanges.run(exchange, () => handler.fetch(request, { authInfo }));
      if (exchange.isStream) return endWith(response, ended.signal, exchange.turnstile);
      links?.stop();
      return response;
    },
    async close() {
      for (const end of oldStreams) end();
      await handler.close();
    },
  };
}

/** The header is the protocol's own and has to agree with the body. What we cannot read here, the protocol refuses. */
async function listenIn(request: Request): Promise<ReturnType<typeof linksIn>> {
  if (request.method !== 'POST' || request.headers.get('mcp-method') !== 'subscriptions/listen') return null;
  const text = await boundedText(request.clone(), limits.doorBodyBytesMax);
  try {
    return text === null ? null : linksIn(JSON.parse(text) as Json);
  } catch {
    return null;
  }
}
