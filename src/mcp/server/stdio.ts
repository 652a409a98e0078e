import type { Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { systemClock, type Clock } from '../../kernel/index.ts';
import type { ToolDoor } from '../tools/tool-door.ts';
import type { CallerContext } from '../tools/tool.ts';
import { createMcpServer, keyRevoked } from './mcp-server.ts';
import { createToolListWatch } from './tool-list-watch.ts';

export interface McpStdioOptions {
  readonly door: ToolDoor;
  readonly version: string;
  /** The caller that the environment names, looked up for each request; null once its key is gone. */
  readonly caller: () => Promise<CallerContext | null>;
  /** Paces the looks for a changed list of tools. */
  readonly clock?: Clock;
  readonly onError?: (error: Error) => void;
}

/** MCP over this process's stdin and stdout; stdout belongs to the protocol alone. Resolve `close` to end it. */
export function serveMcpStdio(options: McpStdioOptions): { close(): Promise<void> } {
  const { door, version, clock = systemClock, onError } = options;
  const told = onError === undefined ? {} : { onError };
  const changes = createToolListWatch({ list: door.list, authenticate: options.caller, clock, ...told });
  const caller = async (): Promise<CallerContext> => {
    const context = await options.caller();
    if (context === null) throw keyRevoked();
    return context;
  };
  const factory = (): Server => {
    let stop: (() => void) | null = null;
    // A client that never asked for the list has nothing that could be out of date.
    const onListed = (context: CallerContext): void => {
      stop ??= changes.watch({ bearer: '', context }, { changed, end: () => undefined });
    };
    const server = createMcpServer({ door, version, caller, onListed });
    const changed = (): void => void server.sendToolListChanged().catch((cause: Error) => onError?.(cause));
    return Object.assign(server, { onclose: () => stop?.() });
  };
  return serveStdio(factory, onError === undefined ? {} : { onerror: onError });
}
