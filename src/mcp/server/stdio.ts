import type { Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { systemClock, type Clock, type Random } from '../../kernel/index.ts';
import type { FollowEvents } from '../tools/events.ts';
import type { ToolDoor } from '../tools/tool-door.ts';
import type { CallerContext } from '../tools/tool.ts';
import { subscribeOnConnection } from './connection-events.ts';
import { createMcpServer, keyRevoked } from './mcp-server.ts';
import { createToolListWatch } from './tool-list-watch.ts';

export interface McpStdioOptions {
  readonly door: ToolDoor;
  readonly version: string;
  /** The caller that the environment names, looked up for each request; null once its key is gone. */
  readonly caller: () => Promise<CallerContext | null>;
  /** What clients up to 2025-11-25 hear that subscribe to links of events; for whom `bearer` is empty. Absent: they cannot. */
  readonly events?: { readonly follow: FollowEvents; readonly random: Random };
  /** Paces the looks for a changed list of tools. */
  readonly clock?: Clock;
  readonly onError?: (error: Error) => void;
}

/** MCP over this process's stdin and stdout; stdout belongs to the protocol alone. Resolve `close` to end it. */
export function serveMcpStdio(options: McpStdioOptions): { close(): Promise<void> } {
  const { door, version, events, clock = systemClock, onError } = options;
  const told = onError === undefined ? {} : { onError };
  const changes = createToolListWatch({ list: door.list, authenticate: options.caller, clock, ...told });
  const caller = async (): Promise<CallerContext> => {
    const context = await options.caller();
    if (context === null) throw keyRevoked();
    return context;
  };
  const factory = ({ era }: { readonly era: 'modern' | 'legacy' }): Server => {
    let stop: (() => void) | null = null;
    // A client that never asked for the list has nothing that could be out of date.
    const onListed = (context: CallerContext): void => {
      stop ??= changes.watch({ bearer: '', context }, { changed, end: () => undefined });
    };
    // Of a 2026-07-28 client's `subscriptions/listen` the library does not tell us the links.
    const followsEvents = events !== undefined && era === 'legacy';
    const server = createMcpServer({ door, version, caller, onListed, followsEvents });
    const sender = async () => ({ bearer: '', context: await caller() });
    const unsubscribe = followsEvents ? subscribeOnConnection({ server, sender, ...events, ...told }) : null;
    const changed = (): void => void server.sendToolListChanged().catch((cause: Error) => onError?.(cause));
    const onclose = (): void => {
      stop?.();
      unsubscribe?.();
    };
    return Object.assign(server, { onclose });
  };
  return serveStdio(factory, onError === undefined ? {} : { onerror: onError });
}
