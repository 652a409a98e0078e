import type { ConnectionId, ErrorCode, TenantId } from '../kernel/index.ts';
import type { ConnectionState } from './connection-state.ts';

/** What happens to connections, for logs and metrics. Never holds a token or a record's value. */
export type ConnectionLogEvent =
  | {
      readonly kind: 'connection_state_changed';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly from: ConnectionState;
      readonly to: ConnectionState;
      readonly reason: ErrorCode | null;
    }
  | {
      readonly kind: 'token_refreshed';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly generation: number;
    };
