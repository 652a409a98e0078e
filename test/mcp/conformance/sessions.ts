import { WebStandardStreamableHTTPServerTransport, type McpServer } from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';

export interface Sessions {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/**
 * Sessions of revision 2025-11-25, which the product has not: a tool that asks
 * its client something gets the answer in another request, and finds the way
 * back by the session alone.
 */
export function createSessions(serverFor: () => McpServer): Sessions {
  const open = new Map<string, { readonly server: McpServer; readonly transport: Transport }>();
  const start = async (request: Request): Promise<Response> => {
    const server = serverFor();
    const transport: Transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        open.set(id, { server, transport });
      },
      onsessionclosed: (id) => {
        open.delete(id);
      },
    });
    await server.connect(transport);
    return transport.handleRequest(request);
  };
  return {
    fetch: async (request) => {
      const id = request.headers.get('mcp-session-id');
      if (id === null) return start(request);
      const session = open.get(id);
      if (session === undefined) {
        const error = { code: -32_001, message: 'Session not found' };
        return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 404 });
      }
      return session.transport.handleRequest(request);
    },
    close: async () => {
      for (const { server } of open.values()) await server.close();
    },
  };
}

type Transport = WebStandardStreamableHTTPServerTransport;
