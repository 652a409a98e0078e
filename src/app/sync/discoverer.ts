import { GantryError, toGantryError, type ConnectionId, type TenantId } from '../../kernel/index.ts';
import {
  isReadable,
  recordConnectionEvent,
  type ConnectionDeps,
  type ConnectionState,
} from '../../connection/index.ts';
import { listConnections, listStreams, readConnection, type StreamRow } from '../../store/index.ts';
import { discoverConnection, type SyncDeps } from '../../sync/index.ts';
import type { Targets } from './targets.ts';
import type { TenantManifest, TenantManifests } from '../project/tenant-manifests.ts';

/**
 * Discovers connections whose streams are not what the project in force wants:
 * somebody has just signed in, or a revision or overlay named further objects. Found out
 * from the database, so that nothing is forgotten, whichever process took the
 * sign-in or the revision and wherever that one died.
 */
export interface Discoverer {
  /** Discovers what is due at a tenant, and says whether anything was; remembers for a while that nothing is. */
  prepare(tenant: TenantId): Promise<boolean>;
  /** Somebody signed in: the next `prepare` looks at the tenant again. */
  lookAgain(tenant: TenantId): void;
}

export interface DiscovererDeps {
  readonly connection: ConnectionDeps;
  readonly sync: SyncDeps;
  readonly targets: Targets;
  readonly manifests: TenantManifests;
}

/** How long a sign-in taken by another process, or a failed discovery, waits at most. */
const LOOK_EVERY_MS = 15_000;

export function createDiscoverer(deps: DiscovererDeps): Discoverer {
  const { db, clock } = deps.connection;
  const lookedAt = new Map<TenantId, number>();
  const lookedFor = new Map<TenantId, string>();
  /** The manifest's version for which a connection was last discovered by this process. */
  const discoveredFor = new Map<string, string>();

  const discover = async (tenant: TenantId, connection: ConnectionId): Promise<void> => {
    const begun = await db.tenantRead(tenant, async (tx) => tx.now);
    const target = await deps.targets.ofConnection(tenant, connection);
    if (target === null) return;
    try {
      await discoverConnection(deps.sync, target);
    } catch (thrown) {
      const error = toGantryError(thrown).toBody();
      const event = error.code === 'connection_reauth_required' ? 'grant_ended' : 'call_failed';
      const events = await db.tenantTx(
        tenant,
        async (tx) => {
          const row = await readConnection(tx, tenant, connection);
          // What was found with the grant of before says nothing about the present one.
          const isOfBefore = row !== null && row.consentedAt !== null && begun < row.consentedAt;
          if (event === 'grant_ended' && isOfBefore) return [];
          return recordConnectionEvent(tx, { tenant, connection, event, error });
        },
        'connection.record_discovery',
      );
      for (const each of events) deps.connection.onEvent(each);
    }
  };

  const look = async (tenant: TenantId, applied: TenantManifest): Promise<boolean> => {
    let discovered = false;
    const { connections, streams } = await db.tenantRead(tenant, async (tx) => ({
      connections: await listConnections(tx, tenant),
      streams: await listStreams(tx, tenant),
    }));
    for (const { id, integration, state } of connections) {
      if (!isReadable(state as ConnectionState)) continue;
      const key = `${String(tenant)}/${String(id)}`;
      const own = streams.filter((stream) => stream.connection === id);
      const before = discoveredFor.get(key);
      const due =
        own.length === 0 || (before === undefined ? lacks(applied, integration, own) : before !== applied.version);
      discoveredFor.set(key, applied.version);
      if (due) await discover(tenant, id);
      discovered ||= due;
    }
    return discovered;
  };
  return {
    prepare: async (tenant) => {
      const applied = await manifestUnlessStale(deps.manifests, tenant);
      if (applied === null) return false;
      const recently = (lookedAt.get(tenant) ?? -Infinity) > clock.monotonicMs() - LOOK_EVERY_MS;
      if (recently && lookedFor.get(tenant) === applied.version) return false;
      lookedAt.set(tenant, clock.monotonicMs());
      lookedFor.set(tenant, applied.version);
      return look(tenant, applied);
    },
    lookAgain: (tenant) => {
      lookedAt.delete(tenant);
    },
  };
}

/** A tenant whose overlay has to be put right waits: what is wanted of its systems is not known until then. */
async function manifestUnlessStale(manifests: TenantManifests, tenant: TenantId): Promise<TenantManifest | null> {
  try {
    return await manifests.of(tenant);
  } catch (error) {
    if (error instanceof GantryError && error.code === 'overlay_stale') return null;
    throw error;
  }
}

/** A declared object without a stream: a revision came while nobody was running, or the object is not there. */
function lacks({ manifest }: TenantManifest, integration: string, streams: readonly StreamRow[]): boolean {
  const present = new Set(streams.map((stream) => stream.object));
  const declared = manifest.integrations.get(integration)?.objects.values() ?? [];
  return [...declared].some((object) => !present.has(object.from));
}
