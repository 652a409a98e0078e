import type { Clock, ConnectionId, TenantId } from '../kernel/index.ts';
import type { ConnectorSession } from '../connectors/index.ts';
import type { Integration } from '../manifest/index.ts';
import type { Db } from '../store/index.ts';
import type { SyncEvent } from './events.ts';

/** A connection that sync may read from, with what the product wants from it. */
export interface SyncTarget {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly slug: string;
  readonly integration: Integration;
  readonly session: ConnectorSession;
}

export interface SyncDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly onEvent: (event: SyncEvent) => void;
  /** A tenant's streams or their schemas are not what they were: catalogues and lenses look again. */
  readonly onSchemaChange: (tenant: TenantId) => void;
}
