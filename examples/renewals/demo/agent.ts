import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

export interface ToolResult {
  readonly failed: boolean;
  readonly content: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** A scripted agent: the official MCP client over HTTP, and no other knowledge of the server. */
export interface Agent {
  readonly protocol: string;
  tools(): Promise<string[]>;
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<ToolResult>;
  close(): Promise<void>;
}

export async function connectAgent(url: string, key: string): Promise<Agent> {
  const client = new Client({ name: 'renewals-copilot', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  return {
    protocol: client.getNegotiatedProtocolVersion() ?? 'unknown',
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (tool, args) => {
      const started = performance.now();
      const result = await client.callTool({ name: tool, arguments: { ...args } });
      const ms = performance.now() - started;
      return {
        failed: result.isError === true,
        content: (result.structuredContent ?? {}) as ToolResult['content'],
        ms,
      };
    },
    close: () => client.close(),
  };
}
