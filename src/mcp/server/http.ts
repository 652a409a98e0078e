import { systemClock, type Clock } from '../../kernel/index.ts';
import type { FollowEvents } from '../tools/events.ts';
import type { ToolDoor } from '../tools/tool-door.ts';
import { createMcpEndpoint, type McpEndpointOptions, type McpHttp } from './endpoint.ts';
import { createMcpServer } from './mcp-server.ts';
import { createMcpProtocol } from './protocol.ts';
import { createToolListWatch } from './tool-list-watch.ts';

export interface McpHttpOptions extends Omit<McpEndpointOptions, 'protocol'> {
  readonly door: ToolDoor;
  readonly version: string;
  /** What clients that subscribe to links of events hear. Absent: they cannot. */
  readonly followEvents?: FollowEvents;
  /** Paces the looks for changed lists of tools. */
  readonly clock?: Clock;
  /** Out-of-band reports of the protocol library, for the log. */
  readonly onError?: (error: Error) => void;
}

/** The MCP endpoint: our tools, at the door that endpoint.ts guards, in the protocol that the request speaks. */
export function createMcpHttp(options: McpHttpOptions): McpHttp {
  const { door, version, followEvents, clock = systemClock, onError, ...endpoint } = options;
  const told = onError === undefined ? {} : { onError };
  const { authenticate } = endpoint;
  const protocol = createMcpProtocol({
    serverFor: ({ context }, generation) =>
      createMcpServer({
        door,
        version,
        caller: async () => context,
        followsEvents: followEvents !== undefined && generation === 'modern',
      }),
    ...(followEvents === undefined ? {} : { events: { follow: followEvents, random: endpoint.random } }),
    changes: createToolListWatch({ list: door.list, authenticate, clock, ...told }),
    ...told,
  });
  return createMcpEndpoint({ ...endpoint, protocol });
}
