import type { ConnectionId, ErrorCode, TenantId } from '../kernel/index.ts';
import type { ConnectionEvent, ConnectionState } from './connection-state.ts';
import type { Revocation } from './end-grant.ts';

/** What happens to connections, for logs and metrics. Never holds a token or a record's value. */
export type ConnectionLogEvent =
  | {
      readonly kind: 'connection_state_changed';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly from: ConnectionState;
      readonly to: ConnectionState;
      /** Code of the error that it followed from. */
      readonly reason: ErrorCode | null;
      readonly event: ConnectionEvent;
    }
  | {
      /** Somebody signed in to another account than the connection's: nothing was kept. */
      readonly kind: 'connection_account_refused';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
    }
  | {
      /** We ended the grant, and its credentials are destroyed. */
      readonly kind: 'connection_grant_ended';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly revocation: Revocation;
    }
  | {
      /** The last row of a deleted connection is gone. */
      readonly kind: 'connection_purged';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly removed: { readonly [table: string]: number };
    }
  | {
      /** Unless somebody makes a new key or signs in again, it cannot be used after `endsAt`. */
      readonly kind: 'sign_in_ends';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      /** Of a user's own sign-in; null: the connection's. */
      readonly principal: string | null;
      readonly endsAt: Date;
    }
  | {
      readonly kind: 'token_refreshed';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly generation: number;
    };
