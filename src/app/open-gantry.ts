import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionUseCases } from '../api/index.ts';
import type { ConnectionDeps } from '../connection/index.ts';
import { connectorRegistry, type UpstreamCall } from '../connectors/index.ts';
import { limits, systemClock, systemRandom, tenantId, type Clock, type Random } from '../kernel/index.ts';
import type { Lens } from '../lens/index.ts';
import { createToolDoor, toolNames, type ToolDoor } from '../mcp/index.ts';
import { createQueryService } from '../query/index.ts';
import { keyChannel, listTenants, migrate, openDb, type Db } from '../store/index.ts';
import type { SyncDeps } from '../sync/index.ts';
import { createVault } from '../vault/index.ts';
import { createApiRole } from './api-role.ts';
import { createCallers, type Callers } from './callers.ts';
import { catalogueChannel, createCatalogues, type Catalogues } from './catalogues.ts';
import type { Config } from './config.ts';
import { createConnectionUseCases } from './connection-use-cases.ts';
import { createDiscoverer } from './discoverer.ts';
import type { Doors } from './doors.ts';
import type { EventSink } from './events.ts';
import { createKeyLookup, type KeyLookup } from './key-lookup.ts';
import { createLensPlace, type LensRole } from './lens-place.ts';
import { createLensUseCases } from './lens-use-cases.ts';
import { createQueryDeps } from './query-deps.ts';
import { createProjectUseCases } from './project-use-cases.ts';
import { createRevisions, revisionChannel, type Revisions } from './revisions.ts';
import { connectionSummaries, type StatusDeps } from './status.ts';
import { createOverlays, type Overlays } from './overlays.ts';
import { createTargets } from './targets.ts';
import { createTenantManifests, type TenantManifests } from './tenant-manifests.ts';
import { version } from './version.ts';
import { createWorkerRole, recordLimited } from './worker-role.ts';

export interface GantryOptions {
  readonly config: Config;
  readonly emit: EventSink;
  readonly clock?: Clock;
  readonly random?: Random;
  /** `alone` by default. */
  readonly lensRole?: LensRole;
  /** Told of every call to a provider; for counters. */
  readonly onUpstreamCall?: (integration: string, call: UpstreamCall) => void;
}

/** One process of Gantry, put together. Parts start on demand: commands need the store only, servers everything. */
export interface Gantry {
  readonly config: Config;
  readonly db: Db;
  readonly revisions: Revisions;
  readonly overlays: Overlays;
  readonly catalogues: Catalogues;
  readonly callers: Callers;
  readonly lens: Lens;
  readonly connections: ConnectionUseCases;
  readonly door: ToolDoor;
  /** The worker role: syncs what is due. */
  startWorker(): void;
  /** The api role: MCP and REST. */
  openDoors(): Promise<Doors>;
  close(): Promise<void>;
}

/** Names that a manifest may use, owned by the layers that implement them. */
export function knownNames(deps: { clock: Clock; random: Random }): { connectors: string[]; tools: string[] } {
  return { connectors: [...connectorRegistry(deps).keys()], tools: [...toolNames] };
}

/** Opens and migrates the database. Raises the store's errors (`store_locked`, `store_unavailable` ...). */
export async function openGantry(options: GantryOptions): Promise<Gantry> {
  const { config, emit, clock = systemClock, random = systemRandom, lensRole = 'alone' } = options;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const db = await openDb({
    ...(config.databaseUrl === null ? {} : { databaseUrl: config.databaseUrl }),
    dataDir: join(config.dataDir, 'db'),
  });
  try {
    await migrate(db);
    return await compose({ ...options, clock, random, lensRole, db, emit });
  } catch (error) {
    await db.close();
    throw error;
  }
}

type Composed = Required<Omit<GantryOptions, 'onUpstreamCall'>> &
  Pick<GantryOptions, 'onUpstreamCall'> & { readonly db: Db };

/** The parts that doors and worker share. */
function createCore(options: Composed) {
  const { config, emit, clock, random, db } = options;
  const connectors = connectorRegistry({ clock, random });
  const revisions = createRevisions(db, { connectors: [...connectors.keys()], tools: toolNames });
  const manifests = createTenantManifests(db, revisions);
  const catalogues = createCatalogues(db, manifests);
  const place = createLensPlace({
    config,
    db,
    clock,
    random,
    emit,
    layout: async (tenant) => (await catalogues.of(tenant)).layout,
    role: options.lensRole,
  });
  const { lens } = place;
  const vault = createVault({ masterKey: config.masterKey, random });
  const connection: ConnectionDeps = { db, vault, clock, random, onEvent: emit };
  const sync: SyncDeps = {
    db,
    clock,
    onEvent: emit,
    onSchemaChange: (tenant) => {
      void notify(db, catalogueChannel, String(tenant), emit);
      catalogues.forget(tenant);
      lens.layoutChanged(tenant);
    },
  };
  const targets = createTargets({
    ...connection,
    config,
    revisions,
    manifests,
    connectors,
    onCall: options.onUpstreamCall ?? (() => undefined),
    onLimited: (tenant, id) => void recordLimited(connection, tenant, id),
  });
  const overlays = createOverlays({
    db,
    revisions,
    onChange: (tenant) => {
      manifests.forget(tenant);
      catalogues.forget(tenant);
      lens.layoutChanged(tenant);
    },
  });
  return { revisions, manifests, overlays, catalogues, lens, place, connection, sync, targets };
}

async function compose(options: Composed): Promise<Gantry> {
  const { config, emit, clock, random, db } = options;
  const { revisions, manifests, overlays, catalogues, lens, place, connection, sync, targets } = createCore(options);
  const status: StatusDeps = { db, revisions, catalogues, lens };
  const keys = createKeyLookup(db, clock);
  const callers = createCallers({ keys, manifests, catalogues });
  const door = createToolDoor({
    services: {
      query: createQueryService({ lens, clock, ...createQueryDeps(db, () => worker.wake()) }),
      connections: (tenant) => connectionSummaries(status, tenant),
    },
    clock,
    random,
    onCall: (event) => emit({ kind: 'tool_called', ...event }),
  });
  const discoverer = createDiscoverer({ connection, sync, targets, manifests });
  const keepDays = async (): Promise<number> =>
    (await revisions.current())?.manifest.policies.history.keepDays ?? limits.historyKeepDays;
  const worker = createWorkerRole({ sync, connection, targets, random, discoverer, keepDays, emit });
  const connections = createConnectionUseCases({
    config,
    connection,
    sync,
    targets,
    status,
    onSignIn: (tenant) => discoverer.lookAgain(tenant),
    wakeSync: () => worker.wake(),
  });
  const stopListening = await listenForOthers({ db, revisions, manifests, catalogues, lens, keys });
  const api = createApiRole({
    config,
    version,
    door,
    findCaller: callers.find,
    connections,
    project: createProjectUseCases({ revisions, overlays }),
    lens: createLensUseCases({ db, lens }),
    db,
    random,
    emit,
    peers: place.peers,
    agents: options.lensRole !== 'lens',
  });
  const close = once(async () => {
    await api.stop();
    await worker.stop();
    await stopListening();
    await lens.close();
    await db.close();
    emit({ kind: 'stopped' });
  });
  return {
    config,
    db,
    revisions,
    overlays,
    catalogues,
    callers,
    lens,
    connections,
    door,
    close,
    startWorker: () => worker.start(),
    openDoors: async () => {
      const doors = await api.open();
      place.openAt(doors.url);
      return doors;
    },
  };
}

/** Closing is asked for by signals, errors and `finally` alike: all of them wait for the same end. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}

/** What other processes change: new revisions, overlays and schemas. A lost hint costs staleness until the next one. */
async function listenForOthers(parts: {
  readonly db: Db;
  readonly revisions: Revisions;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly lens: Lens;
  readonly keys: KeyLookup;
}): Promise<() => Promise<void>> {
  const { db, revisions, manifests, catalogues, lens, keys } = parts;
  const onRevision = async (): Promise<void> => {
    revisions.forget();
    manifests.forgetAll();
    catalogues.forgetAll();
    for (const { id } of await listTenants(db)) lens.layoutChanged(id);
  };
  const stops = [
    await db.listen(keyChannel, () => keys.forgetAll()),
    await db.listen(revisionChannel, () => void onRevision()),
    await db.listen(catalogueChannel, (payload) => {
      const tenant = tenantId(Number(payload));
      manifests.forget(tenant);
      catalogues.forget(tenant);
      lens.layoutChanged(tenant);
    }),
  ];
  return async () => {
    for (const stop of stops) await stop();
  };
}

async function notify(db: Db, channel: string, payload: string, emit: EventSink): Promise<void> {
  try {
    await db.query('select pg_notify($1, $2)', [channel, payload]);
  } catch (cause) {
    emit({ kind: 'sync_poll_failed', cause });
  }
}
