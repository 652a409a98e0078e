import type { Clock, ConnectionId, Random, TenantId } from '../../kernel/index.ts';
import type { ConnectorSession } from '../../connectors/index.ts';
import type { Integration } from '../../manifest/index.ts';
import type { Db } from '../../store/index.ts';
import type { SyncTarget } from '../deps.ts';
import type { AccessLogEvent } from './events.ts';

export interface AccessDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: AccessLogEvent) => void;
  /** How old what is known of rights may be for the tenant; null: as usual. */
  readonly maxAgeMs: (tenant: TenantId) => Promise<number | null>;
  /** The connection with its administrator's session; null while it cannot be asked. `isAwaited`: somebody waits for the answer. */
  readonly targetOf: (tenant: TenantId, connection: ConnectionId, isAwaited: boolean) => Promise<SyncTarget | null>;
  /** What the project wants from the connection, whether or not it can be asked; null: nothing any more. */
  readonly integrationOf: (tenant: TenantId, connection: ConnectionId) => Promise<Integration | null>;
  /** A session with a linked user's own sign-in; null: there is none. */
  readonly userSession: (
    tenant: TenantId,
    connection: ConnectionId,
    principal: string,
    isAwaited: boolean,
  ) => Promise<ConnectorSession | null>;
}
