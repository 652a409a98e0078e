export {
  createMcpEndpoint,
  type Authenticate,
  type McpEndpointOptions,
  type McpHttp,
  type McpProtocol,
  type McpRefusal,
  type McpSender,
} from './server/endpoint.ts';
export { createMcpHttp, type McpHttpOptions } from './server/http.ts';
export {
  createMcpProtocol,
  type ChangeListener,
  type McpProtocolOptions,
  type ToolListChanges,
} from './server/protocol.ts';
export { serveMcpStdio, type McpStdioOptions } from './server/stdio.ts';
export { createCallRate } from './tools/call-rate.ts';
export { cleanJson, cleanText } from './tools/clean.ts';
export { toolNames, type ToolName } from './tools/names.ts';
export { accessScopes, refuseMissing, type AccessScope } from './tools/scopes.ts';
export { renderText } from './tools/render-text.ts';
export {
  createToolDoor,
  type CallDetails,
  type ToolCallEvent,
  type ToolDoor,
  type ToolDoorOptions,
  type ToolError,
  type ToolOutcome,
} from './tools/tool-door.ts';
export { eventLink, parseEventLink } from './tools/event-links.ts';
export { planLink } from './tools/plan-links.ts';
export type { Keyed, UndoRequest, WriteServices } from './tools/write-services.ts';
export type { EventItem, EventPage, EventWish, FollowEvents, ReadEvents } from './tools/events.ts';
export { parseValueUri, valueLinks, type ValueLink } from './tools/value-links.ts';
export type {
  CallerContext,
  ConnectionObject,
  ConnectionSummary,
  ToolAnnotations,
  ToolDescription,
  ToolServices,
} from './tools/tool.ts';
