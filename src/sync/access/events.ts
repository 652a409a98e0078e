import type { ConnectionId, ErrorBody, TenantId } from '../../kernel/index.ts';

/** What learning rights does, for logs and metrics. Never holds a record's value. */
export type AccessLogEvent =
  | {
      readonly kind: 'access_read';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly principals: number;
      readonly ms: number;
    }
  | {
      readonly kind: 'access_failed';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly error: ErrorBody;
      /** Set with `internal` errors: for the log, never for callers. */
      readonly cause?: unknown;
    }
  | {
      /** The provider shows a user other records than was derived; nothing of the object is shown before it is read again. */
      readonly kind: 'access_disagreement';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly object: string;
      readonly principal: string;
      /** Records of the sample that were shown here and not there, and the other way round. */
      readonly extra: number;
      readonly missing: number;
    }
  | {
      /** The round was given up; the next one tries again. */
      readonly kind: 'access_poll_failed';
      readonly cause: unknown;
    };
