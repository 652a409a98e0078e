import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { serve } from '@hono/node-server';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { figure, type Figure } from './figure.ts';
import { callAs, type LoadedStage } from './loaded-stage.ts';
import { timedInTurns } from './replica.ts';

/** query_records of a small tenant over HTTP, against an echo tool on the same SDK plus the same query without a door. */
export async function* mcpBench(loaded: LoadedStage, runs: number): AsyncIterable<Figure> {
  const [small] = loaded.small;
  if (small === undefined) throw new Error('there are no small tenants');
  const list = { object: 'deal', fields: ['name', 'stage', 'amount', 'close_date'], limit: 25 };
  const ask = await callAs(loaded, small.agentKey);
  const answer = await ask('query_records', list);
  const client = await connected(`${loaded.stage.url}/mcp`, small.agentKey);
  const echo = await echoServer(JSON.stringify(answer));
  try {
    const [samples = [], echoed = [], query = []] = await timedInTurns(runs, [
      () => client.callTool({ name: 'query_records', arguments: list }),
      () => echo.client.callTool({ name: 'echo', arguments: { text: 'x' } }),
      () => ask('query_records', list),
    ]);
    const floor = echoed.toSorted(ascending).map((ms, at) => ms + (query.toSorted(ascending)[at] ?? 0));
    yield figure({ bench: 'mcp', case: 'query_records over HTTP', unit: 'ms', samples, floor });
  } finally {
    await client.close();
    await echo.close();
  }
}

const ascending = (a: number, b: number): number => a - b;

async function connected(url: string, key: string): Promise<Client> {
  const client = new Client({ name: 'gantry-bench', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

/** A server with one tool that gives back a fixed text of the size of the real answer. */
async function echoServer(text: string): Promise<{ readonly client: Client; close(): Promise<void> }> {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'echo', version: '1' });
    const inputSchema = z.object({ text: z.string() });
    server.registerTool('echo', { inputSchema }, async () => ({ content: [{ type: 'text', text }] }));
    return server;
  });
  const fetch = (request: Request): Promise<Response> => handler.fetch(request);
  const node = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, () => resolve(server));
  });
  const { port } = node.address() as AddressInfo;
  const client = await connected(`http://127.0.0.1:${String(port)}/mcp`, 'none');
  return {
    client,
    close: async () => {
      await client.close();
      await new Promise<void>((resolve) => {
        node.close(() => resolve());
        if ('closeAllConnections' in node) node.closeAllConnections();
      });
    },
  };
}
