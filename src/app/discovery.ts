import { toGantryError, type ConnectionId, type TenantId } from '../kernel/index.ts';
import { recordConnectionEvent, type ConnectionDeps } from '../connection/index.ts';
import { listConnections, listStreams } from '../store/index.ts';
import { discoverConnection, type SyncDeps } from '../sync/index.ts';
import type { Targets } from './targets.ts';

/**
 * Discovers connections that somebody has signed in to and that have no
 * streams yet. Found out from the database, so that a sign-in is never
 * forgotten, whichever process took it and wherever that one died.
 */
export interface NewConnections {
  /** Discovers what is new at a tenant; remembers what is not. */
  prepare(tenant: TenantId): Promise<void>;
  /** Somebody signed in: the next `prepare` looks at the tenant again. */
  lookAgain(tenant: TenantId): void;
}

export function createNewConnections(deps: {
  readonly connection: ConnectionDeps;
  readonly sync: SyncDeps;
  readonly targets: Targets;
}): NewConnections {
  const { db, clock } = deps.connection;
  const settled = new Map<TenantId, number>();

  const discover = async (tenant: TenantId, connection: ConnectionId): Promise<void> => {
    const target = await deps.targets.ofConnection(tenant, connection);
    if (target === null) return;
    try {
      await discoverConnection(deps.sync, target);
    } catch (thrown) {
      const error = toGantryError(thrown).toBody();
      const event = error.code === 'connection_reauth_required' ? 'grant_ended' : 'call_failed';
      await db.tenantTx(tenant, (tx) => recordConnectionEvent(tx, { tenant, connection, event, error }));
    }
  };
  return {
    prepare: async (tenant) => {
      if ((settled.get(tenant) ?? -Infinity) > clock.monotonicMs() - LOOK_EVERY_MS) return;
      settled.set(tenant, clock.monotonicMs());
      const { connections, streams } = await db.tenantTx(tenant, async (tx) => ({
        connections: await listConnections(tx, tenant),
        streams: await listStreams(tx, tenant),
      }));
      const known = new Set(streams.map((stream) => stream.connection));
      for (const { id } of connections) if (!known.has(id)) await discover(tenant, id);
    },
    lookAgain: (tenant) => {
      settled.delete(tenant);
    },
  };
}

/** How long a sign-in taken by another process, or a failed discovery, waits at most. */
const LOOK_EVERY_MS = 15_000;
