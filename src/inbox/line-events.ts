import type { ConnectionId, ErrorBody, TenantId } from '../kernel/index.ts';

/** What becomes of lines of events, for logs. Never holds what was told. */
export type LineLogEvent =
  | {
      readonly kind: 'event_line_opened';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly slug: string;
    }
  | {
      readonly kind: 'event_line_broke';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly slug: string;
      readonly error: ErrorBody;
    }
  /** The provider tells nothing of these objects: they are only read. */
  | {
      readonly kind: 'event_line_without';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly objects: readonly string[];
    }
  /** The round was given up; the next one tries again. */
  | { readonly kind: 'event_line_look_failed'; readonly cause: unknown };
