import pino, { type Logger } from 'pino';
import type { AlertLogEvent } from '../alerts/index.ts';
import type { BudgetEvent } from '../budget/index.ts';
import type { ConnectionLogEvent } from '../connection/index.ts';
import type { ConnectionId, ErrorCode, TenantId } from '../kernel/index.ts';
import type { InboxLogEvent, LineLogEvent, ReceiveEvent, RegistrationLogEvent } from '../inbox/index.ts';
import type { IdentityLogEvent } from './identity/events.ts';
import type { LensEvent } from '../lens/index.ts';
import type { ToolCallEvent } from '../mcp/index.ts';
import type { SubscriptionLogEvent } from '../subscriptions/index.ts';
import type { AccessLogEvent, SyncEvent } from '../sync/index.ts';

/** Everything observable, in one union. Call sites only emit; this file decides what becomes a log line. */
export type GantryEvent =
  | LensEvent
  | SyncEvent
  | AccessLogEvent
  | LineLogEvent
  | InboxLogEvent
  | ReceiveEvent
  | RegistrationLogEvent
  | ConnectionLogEvent
  | BudgetEvent
  | SubscriptionLogEvent
  | AlertLogEvent
  | IdentityLogEvent
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
  /** Something that is left to do for a connection did not work out; it is tried again. */
  | { readonly kind: 'connection_chore_failed'; readonly cause: unknown }
  /** A sign of life could not be given: if that goes on, other processes take over this one's tenants. */
  | { readonly kind: 'lens_node_silent'; readonly cause: unknown }
  /** This process may end or stop itself at a crash point: somebody rehearses. */
  | { readonly kind: 'rehearsal_armed'; readonly orders: readonly string[] }
  | { readonly kind: 'crash_point_passed'; readonly point: string }
  | { readonly kind: 'crash_point_reached'; readonly point: string; readonly passage: number; readonly way: string }
  /** A sign-in was to be renewed ahead of its end, and the provider did not; it is tried again. */
  | {
      readonly kind: 'sign_in_not_renewed';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly code: ErrorCode;
    }
  | { readonly kind: 'stopped' };

export type EventSink = (event: GantryEvent) => void;

/**
 * JSON lines on stderr: stdout belongs to answers and to MCP over stdio.
 * `at_once`: each line is written before the call returns, for processes that may end right after it.
 */
export function createLog(level: string, when: 'soon' | 'at_once' = 'soon'): EventSink {
  const destination = pino.destination({ dest: 2, sync: when === 'at_once' });
  const logger = pino({ level, base: null, serializers: { cause: pino.stdSerializers.err } }, destination);
  return (event) => logEvent(logger, event);
}

function logEvent(logger: Logger, event: GantryEvent): void {
  logger[event.kind === 'identity_changed' ? 'info' : levelOf(event)](event, event.kind);
}

type Level = 'debug' | 'info' | 'warn' | 'error';

function levelOf(event: Exclude<GantryEvent, IdentityLogEvent>): Level {
  switch (event.kind) {
    case 'sync_page':
    case 'access_read':
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
    case 'access_poll_failed':
    case 'event_line_look_failed':
    case 'inbox_look_failed':
    case 'webhook_look_failed':
    case 'protocol_error':
    case 'housekeeping_failed':
    case 'connection_chore_failed':
    case 'lens_node_silent':
    case 'budget_unkept':
    case 'alert_look_failed':
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
    case 'access_failed':
    case 'access_disagreement':
    case 'connection_account_refused':
    case 'sync_deletions_held':
    case 'event_line_broke':
    case 'inbox_failed':
    case 'webhook_refused':
    case 'webhook_registration_failed':
    case 'event_line_without':
    case 'sign_in_ends':
    case 'sign_in_not_renewed':
    case 'subscription_disabled':
    case 'subscription_round_failed':
    case 'delivery_failed':
    case 'alert_opened':
    case 'alert_not_sent':
    case 'budget_blocked':
    case 'budget_running_out':
    case 'rehearsal_armed':
    case 'crash_point_reached':
      return 'warn';
    case 'circuit_changed':
      return event.to === 'open' ? 'warn' : 'info';
    case 'connection_state_changed':
      return event.to === 'degraded' || event.to === 'reauth_required' ? 'warn' : 'info';
    case 'lens_process_started':
    case 'lens_built':
    case 'lens_recovered':
    case 'lens_restored':
    case 'lens_snapshot_taken':
    case 'schema_changed':
    case 'event_line_opened':
    case 'inbox_emptied':
    case 'webhook_registered':
    case 'webhook_taken_back':
    case 'token_refreshed':
    case 'connection_grant_ended':
    case 'connection_purged':
    case 'revision_applied':
    case 'crash_point_passed':
    case 'alert_resolved':
    case 'stopped':
      return 'info';
  }
}
