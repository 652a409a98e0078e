import pino, { type Logger } from 'pino';
import type { ConnectionLogEvent } from '../connection/index.ts';
import type { LensEvent } from '../lens/index.ts';
import type { ToolCallEvent } from '../mcp/index.ts';
import type { SyncEvent } from '../sync/index.ts';

/** Everything observable, in one union. Call sites only emit; this file decides what becomes a log line. */
export type GantryEvent =
  | LensEvent
  | SyncEvent
  | ConnectionLogEvent
  | ({ readonly kind: 'tool_called' } & ToolCallEvent)
  | { readonly kind: 'revision_applied'; readonly revision: number; readonly author: string }
  | {
      readonly kind: 'request_failed';
      readonly requestId: string;
      readonly path: string;
      readonly code: string;
      readonly cause: unknown;
    }
  | { readonly kind: 'protocol_error'; readonly cause: unknown }
  /** What should have been removed by age is still there; the next round tries again. */
  | { readonly kind: 'housekeeping_failed'; readonly cause: unknown }
  /** A sign of life could not be given: if that goes on, other processes take over this one's tenants. */
  | { readonly kind: 'lens_node_silent'; readonly cause: unknown }
  | { readonly kind: 'stopped' };

export type EventSink = (event: GantryEvent) => void;

/** JSON lines on stderr: stdout belongs to answers and to MCP over stdio. */
export function createLog(level: string): EventSink {
  const logger = pino({ level, base: null, serializers: { cause: pino.stdSerializers.err } }, pino.destination(2));
  return (event) => logEvent(logger, event);
}

function logEvent(logger: Logger, event: GantryEvent): void {
  logger[levelOf(event)](event, event.kind);
}

type Level = 'debug' | 'info' | 'warn' | 'error';

function levelOf(event: GantryEvent): Level {
  switch (event.kind) {
    case 'sync_page':
    case 'lens_applied':
    case 'lens_opened':
    case 'lens_closed':
    case 'lens_layout_applied':
      return 'debug';
    case 'tool_called':
      return event.cause === null ? 'debug' : 'error';
    case 'sync_run_ended':
      return event.error === null ? 'debug' : event.error.code === 'internal' ? 'error' : 'warn';
    case 'lens_tail_failed':
    case 'sync_poll_failed':
    case 'protocol_error':
    case 'housekeeping_failed':
    case 'lens_node_silent':
      return 'error';
    case 'request_failed':
      return event.cause === null ? 'info' : 'error';
    case 'lens_process_ended':
      return event.asked ? 'debug' : 'warn';
    case 'lens_snapshot_failed':
    case 'lens_view_refused':
    case 'lens_file_discarded':
    case 'lens_values_unreadable':
    case 'object_unavailable':
    case 'sync_deletions_held':
      return 'warn';
    case 'connection_state_changed':
      return event.to === 'degraded' || event.to === 'reauth_required' ? 'warn' : 'info';
    case 'lens_process_started':
    case 'lens_built':
    case 'lens_recovered':
    case 'lens_restored':
    case 'lens_snapshot_taken':
    case 'schema_changed':
    case 'token_refreshed':
    case 'revision_applied':
    case 'stopped':
      return 'info';
  }
}
