import pino, { type Logger } from 'pino';
import type { AlertLogEvent } from '../alerts/index.ts';
import type { ApprovalLogEvent } from '../approvals/index.ts';
import type { AuditLogEvent } from '../audit/index.ts';
import type { BudgetEvent } from '../budget/index.ts';
import type { ConnectionLogEvent } from '../connection/index.ts';
import type { ConnectionId, ErrorCode, TenantId } from '../kernel/index.ts';
import type { InboxLogEvent, LineLogEvent, ReceiveEvent, RegistrationLogEvent } from '../inbox/index.ts';
import type { IdentityLogEvent } from './identity/events.ts';
import type { LensEvent } from '../lens/index.ts';
import type { ToolCallEvent } from '../mcp/index.ts';
import type { SubscriptionLogEvent } from '../subscriptions/index.ts';
import type { AccessLogEvent, SyncEvent } from '../sync/index.ts';
import { NO_NAME } from './log-names.ts';
import type { WriteLogEvent } from '../write/index.ts';

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
  | ApprovalLogEvent
  | AuditLogEvent
  | WriteLogEvent
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
  /** An erasure or off-boarding could not go on; it is tried again. */
  | { readonly kind: 'erasure_failed'; readonly cause: unknown }
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
 * `nameOf`: what users of the product are called in there (log-names.ts).
 */
export function createLog(
  level: string,
  when: 'soon' | 'at_once' = 'soon',
  nameOf: (user: string) => string = () => NO_NAME,
): EventSink {
  const destination = pino.destination({ dest: 2, sync: when === 'at_once' });
  const principal = (user: unknown): unknown => (typeof user === 'string' ? nameOf(user) : user);
  const logger = pino({ level, base: null, serializers: { cause: pino.stdSerializers.err, principal } }, destination);
  return (event) => logEvent(logger, event);
}

function logEvent(logger: Logger, event: GantryEvent): void {
  logger[event.kind === 'identity_changed' ? 'info' : levelOf(event)](event, event.kind);
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/** What an event of a kind is worth to whoever reads the log; of some kinds it depends. */
const levels: Readonly<
  Record<
    Exclude<
      GantryEvent['kind'],
      | 'identity_changed'
      | 'tool_called'
      | 'sync_run_ended'
      | 'request_failed'
      | 'lens_process_ended'
      | 'circuit_changed'
      | 'connection_state_changed'
    >,
    Level
  >
> = {
  sync_page: 'debug',
  access_read: 'debug',
  lens_applied: 'debug',
  lens_opened: 'debug',
  lens_closed: 'debug',
  lens_layout_applied: 'debug',
  writes_sent: 'debug',
  lens_process_started: 'info',
  lens_built: 'info',
  lens_recovered: 'info',
  lens_restored: 'info',
  lens_snapshot_taken: 'info',
  schema_changed: 'info',
  event_line_opened: 'info',
  inbox_emptied: 'info',
  webhook_registered: 'info',
  webhook_taken_back: 'info',
  token_refreshed: 'info',
  connection_grant_ended: 'info',
  connection_purged: 'info',
  revision_applied: 'info',
  crash_point_passed: 'info',
  alert_resolved: 'info',
  approval_moved: 'info',
  stopped: 'info',
  lens_snapshot_failed: 'warn',
  lens_view_refused: 'warn',
  lens_file_discarded: 'warn',
  lens_values_unreadable: 'warn',
  object_unavailable: 'warn',
  access_failed: 'warn',
  access_disagreement: 'warn',
  connection_account_refused: 'warn',
  sync_deletions_held: 'warn',
  event_line_broke: 'warn',
  inbox_failed: 'warn',
  webhook_refused: 'warn',
  webhook_registration_failed: 'warn',
  event_line_without: 'warn',
  sign_in_ends: 'warn',
  sign_in_not_renewed: 'warn',
  subscription_disabled: 'warn',
  subscription_round_failed: 'warn',
  delivery_failed: 'warn',
  alert_opened: 'warn',
  alert_not_sent: 'warn',
  approval_not_told: 'warn',
  budget_blocked: 'warn',
  budget_running_out: 'warn',
  rehearsal_armed: 'warn',
  crash_point_reached: 'warn',
  writes_held: 'warn',
  writes_need_human: 'warn',
  after_images_missing: 'warn',
  lens_tail_failed: 'error',
  sync_poll_failed: 'error',
  access_poll_failed: 'error',
  event_line_look_failed: 'error',
  inbox_look_failed: 'error',
  webhook_look_failed: 'error',
  protocol_error: 'error',
  housekeeping_failed: 'error',
  connection_chore_failed: 'error',
  erasure_failed: 'error',
  lens_node_silent: 'error',
  budget_unkept: 'error',
  alert_look_failed: 'error',
  approval_look_failed: 'error',
  audit_checkpoint_failed: 'error',
  audit_waits: 'error',
  audit_reads_lost: 'error',
  write_round_failed: 'error',
};

function levelOf(event: Exclude<GantryEvent, IdentityLogEvent>): Level {
  switch (event.kind) {
    case 'tool_called':
      return event.cause === null ? 'debug' : 'error';
    case 'sync_run_ended':
      return event.error === null ? 'debug' : event.error.code === 'internal' ? 'error' : 'warn';
    case 'request_failed':
      return event.cause === null ? 'info' : 'error';
    case 'lens_process_ended':
      return event.asked ? 'debug' : 'warn';
    case 'circuit_changed':
      return event.to === 'open' ? 'warn' : 'info';
    case 'connection_state_changed':
      return event.to === 'degraded' || event.to === 'reauth_required' ? 'warn' : 'info';
    default:
      return levels[event.kind];
  }
}
