import type { Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { ToolDoor } from '../tools/tool-door.ts';
import type { CallerContext } from '../tools/tool.ts';
import { createMcpServer, keyRevoked } from './mcp-server.ts';

export interface McpStdioOptions {
  readonly door: ToolDoor;
  readonly version: string;
  /** The caller that the environment names, looked up for each request; null once its key is gone. */
  readonly caller: () => Promise<CallerContext | null>;
  readonly onError?: (error: Error) => void;
}

/** MCP over this process's stdin and stdout; stdout belongs to the protocol alone. Resolve `close` to end it. */
export function serveMcpStdio(options: McpStdioOptions): { close(): Promise<void> } {
  const caller = async (): Promise<CallerContext> => {
    const context = await options.caller();
    if (context === null) throw keyRevoked();
    return context;
  };
  const factory = (): Server => createMcpServer({ door: options.door, version: options.version, caller });
  return serveStdio(factory, options.onError === undefined ? {} : { onerror: options.onError });
}
