import { createMcpHandler, type McpServer, type Server, type ServerEventBus } from '@modelcontextprotocol/server';
import { AsyncLocalStorage } from 'node:async_hooks';
import { limits } from '../../kernel/index.ts';
import type { McpProtocol, McpSender } from './endpoint.ts';
import { endWith } from './end-with.ts';
import { isOldStream, oldStream } from './old-stream.ts';

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
  /** What serves one request of this sender. */
  readonly serverFor: (sender: McpSender) => Server | McpServer;
  readonly changes: ToolListChanges;
  /** Out-of-band reports of the protocol library, for the log. */
  readonly onError?: (error: Error) => void;
}

/** One request that may become a `subscriptions/listen` stream. */
interface Exchange {
  readonly sender: McpSender;
  readonly ended: AbortController;
  isStream: boolean;
}

/**
 * 2026-07-28 and, without sessions, 2025-11-25 and older. Both have a stream
 * on which a client hears that its tools changed: `subscriptions/listen`, and
 * the GET stream of old.
 */
export function createMcpProtocol({ serverFor, changes, onError }: McpProtocolOptions): McpProtocol {
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
      return changes.watch(exchange.sender, {
        changed: () => listener({ kind: 'tools_list_changed' }),
        end: () => exchange.ended.abort(),
      });
    },
  };
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const sender = authInfo?.extra?.['sender'] as McpSender | undefined;
      if (sender === undefined) throw new Error('an MCP request reached the protocol without a caller');
      return serverFor(sender);
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
      const exchange: Exchange = { sender, ended: new AbortController(), isStream: false };
      const authInfo = { token: '', clientId: sender.context.caller.agent, scopes: [], extra: { sender } };
      const response = await exchanges.run(exchange, () => handler.fetch(request, { authInfo }));
      return exchange.isStream ? endWith(response, exchange.ended.signal) : response;
    },
    async close() {
      for (const end of oldStreams) end();
      await handler.close();
    },
  };
}
