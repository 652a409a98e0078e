import { createRequestStateCodec, isLegacyRequest, McpServer } from '@modelcontextprotocol/server';
import { limits, systemRandom } from '../../../src/kernel/index.ts';
import { createMcpEndpoint, createMcpProtocol, type ChangeListener, type McpProtocol } from '../../../src/mcp/index.ts';
import { callerContext, closeServer, listen } from '../fixture.ts';
import { addContentTools } from './content-tools.ts';
import { addInputTools, type Round } from './input-tools.ts';
import { addPrompts, addResources } from './prompts-and-resources.ts';
import { addSessionTools } from './session-tools.ts';
import { createSessions } from './sessions.ts';

export interface RunningServer {
  readonly url: string;
  /** Bearer key that it admits. */
  readonly key: string;
  stop(): Promise<void>;
}

/**
 * What the conformance suite expects to find (tools, prompts and resources of
 * fixed names that no product has), behind our own endpoint: who is admitted,
 * which headers and bodies pass, how both generations are told apart and how
 * changes reach listeners is the product's code.
 */
export async function startProfile(): Promise<RunningServer> {
  const states = createRequestStateCodec<Round>({ key: systemRandom.bytes(32) });
  const listeners = new Set<ChangeListener>();
  const serverFor = (): McpServer => {
    const server = new McpServer(
      { name: 'conformance-profile', version: '0.0.0-test' },
      {
        capabilities: {
          tools: { listChanged: true },
          resources: { subscribe: true },
          prompts: { listChanged: false },
          completions: {},
          logging: {},
        },
        requestState: { verify: states.verify },
      },
    );
    addContentTools(server, () => {
      for (const listener of listeners) listener.changed();
    });
    addInputTools(server, states);
    addSessionTools(server);
    addPrompts(server);
    addResources(server);
    server.server.setRequestHandler('resources/subscribe', () => ({}));
    server.server.setRequestHandler('resources/unsubscribe', () => ({}));
    return server;
  };
  const product = createMcpProtocol({
    serverFor,
    changes: {
      watch: (_sender, listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
  const sessions = createSessions(serverFor);
  const protocol: McpProtocol = {
    fetch: async (request, sender) => {
      const old = await isLegacyRequest(request, undefined, { maxRequestBodySize: limits.doorBodyBytesMax });
      return old ? sessions.fetch(request) : product.fetch(request, sender);
    },
    close: async () => {
      await sessions.close();
      await product.close();
    },
  };
  const key = Buffer.from(systemRandom.bytes(16)).toString('hex');
  const context = callerContext();
  const mcp = createMcpEndpoint({
    protocol,
    authenticate: async (bearer) => (bearer === key ? context : null),
    random: systemRandom,
    allowedHosts: [],
  });
  const { server, url } = await listen((request) => mcp.fetch(request));
  return {
    url: `${url}/mcp`,
    key,
    stop: async () => {
      await mcp.close();
      await closeServer(server);
    },
  };
}
