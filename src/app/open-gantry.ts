import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionUseCases } from '../api/index.ts';
import { topicNames } from '../alerts/index.ts';
import { createBudgets } from '../budget/index.ts';
import type { ConnectionDeps } from '../connection/index.ts';
import { connectorRegistry, type Connector, type UpstreamCall } from '../connectors/index.ts';
import {
  limits,
  setOutboundProxy,
  setTrustedOrigins,
  systemClock,
  systemRandom,
  type Clock,
  type Random,
} from '../kernel/index.ts';
import type { Lens } from '../lens/index.ts';
import type { KnownNames } from '../manifest/index.ts';
import { createToolDoor, toolNames, type FollowEvents, type ReadEvents, type ToolDoor } from '../mcp/index.ts';
import { createQueryService } from '../query/index.ts';
import { migrate, openDb, type Db } from '../store/index.ts';
import type { SyncDeps } from '../sync/index.ts';
import { createVault } from '../vault/index.ts';
import { createAlertParts, createEar } from './alerts/alert-parts.ts';
import { createApiRole } from './api-role.ts';
import { createAccessParts, type AccessParts } from './access/access-parts.ts';
import { createQueryAccess } from './access/query-access.ts';
import type { Callers } from './callers/callers.ts';
import { createIdentityParts } from './identity/identity-parts.ts';
import { createBudgetUseCases } from './connections/budget-use-cases.ts';
import { catalogueChannel, createCatalogues, type Catalogues } from './project/catalogues.ts';
import type { Config } from './config.ts';
import { createConnectionParts } from './connections/connection-parts.ts';
import { createConnectionNotes, warnOfConnections } from './connections/warn-of-connections.ts';
import { createConnectionUseCases } from './connections/connection-use-cases.ts';
import { createDiscoverer } from './sync/discoverer.ts';
import type { Doors } from './doors.ts';
import type { EventSink } from './events.ts';
import { createLensPlace, type LensPlace, type LensRole } from './lens/lens-place.ts';
import { listenForOthers } from './listen-for-others.ts';
import { createLensUseCases } from './lens/lens-use-cases.ts';
import { createQueryDeps } from './lens/query-deps.ts';
import { createProjectUseCases } from './project/project-use-cases.ts';
import { createRevisions, type Revisions } from './project/revisions.ts';
import { connectionSummaries, type StatusDeps } from './status.ts';
import { createOverlays, type Overlays } from './project/overlays.ts';
import { createTargets } from './sync/targets.ts';
import { createTenantManifests } from './project/tenant-manifests.ts';
import { createSyncUseCases } from './sync/sync-use-cases.ts';
import { createSubscriptionParts, type SubscriptionParts } from './subscription-parts.ts';
import { createUserSignIns } from './connections/user-sign-ins.ts';
import { createVaultUseCases } from './connections/vault-use-cases.ts';
import { version } from './version.ts';
import { endWebhook } from './webhooks/webhook-registrations.ts';
import { liveWaysOf } from './webhooks/live-ways.ts';
import { createMakeWebhook, createTakeDelivery } from './webhooks/webhooks.ts';
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
  /** Changes of records, as the agent behind a key sees them. */
  readonly followEvents: FollowEvents;
  /** The worker role: syncs what is due. */
  startWorker(): void;
  /** The api role: MCP and REST. */
  openDoors(): Promise<Doors>;
  close(): Promise<void>;
}

/** Names that a manifest may use, owned by the layers that implement them. */
export function knownNames(deps: { clock: Clock; random: Random }): KnownNames {
  return namesIn(connectorRegistry(deps));
}

function namesIn(connectors: ReadonlyMap<string, Connector>): KnownNames {
  const providerLimits = new Map([...connectors].map(([name, { rateLimits }]) => [name, rateLimits?.windows ?? []]));
  const liveWays = new Map([...connectors].map(([name, connector]) => [name, liveWaysOf(connector)]));
  return {
    connectors: [...connectors.keys()],
    tools: [...toolNames],
    alertTopics: topicNames,
    providerLimits,
    liveWays,
  };
}

/** Opens and migrates the database. Raises the store's errors (`store_locked`, `store_unavailable` ...). */
export async function openGantry(options: GantryOptions): Promise<Gantry> {
  const { config, emit, clock = systemClock, random = systemRandom, lensRole = 'alone' } = options;
  setOutboundProxy(config.outboundProxy);
  setTrustedOrigins([...config.loginUrls.values(), ...(config.identity?.issuers ?? []).map(({ jwksUri }) => jwksUri)]);
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
  const known = namesIn(connectors);
  const revisions = createRevisions(db, known);
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
  const vault = createVault({
    masterKey: config.masterKey,
    previousMasterKeys: config.otherMasterKeys,
    random,
  });
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
  const budgets = createBudgets({ db, clock, random, onEvent: emit });
  const targets = createTargets({
    ...connection,
    config,
    revisions,
    manifests,
    connectors,
    budgets,
    onCall: options.onUpstreamCall ?? (() => undefined),
    onLimited: (tenant, id) => void recordLimited(connection, tenant, id),
  });
  const overlays = createOverlays({
    db,
    revisions,
    known,
    onChange: (tenant) => {
      manifests.forget(tenant);
      catalogues.forget(tenant);
      lens.layoutChanged(tenant);
    },
  });
  return {
    revisions,
    manifests,
    overlays,
    catalogues,
    lens,
    place,
    connection,
    sync,
    targets,
    budgets,
    connectors,
    emit,
  };
}

type Core = ReturnType<typeof createCore>;

/** What agents ask through. */
function createAnswers(
  core: Core,
  parts: { readonly status: StatusDeps; readonly access: AccessParts },
  wakeSync: () => void,
  readEvents: ReadEvents,
) {
  const { lens, connection } = core;
  const { status } = parts;
  const { db, clock, random } = connection;
  const connectionNotes = createConnectionNotes(db, clock);
  const query = createQueryService({
    lens,
    clock,
    ...createQueryDeps(db, wakeSync),
    access: createQueryAccess({ ...core, access: parts.access }),
  });
  const door = createToolDoor({
    services: {
      query: warnOfConnections(query, connectionNotes),
      connections: (tenant) => connectionSummaries(status, tenant),
      readEvents,
    },
    clock,
    random,
    onCall: (event) => core.emit({ kind: 'tool_called', ...event }),
  });
  return { connectionNotes, door };
}

/** What moves data and keeps connections alive, and what operators ask of it. */
function createWork(core: Core, config: Config, status: StatusDeps) {
  const { revisions, manifests, lens, connection, sync, targets, emit } = core;
  const discoverer = createDiscoverer({ connection, sync, targets, manifests });
  const worker = createWorkerRole({
    sync,
    connection,
    targets,
    manifests,
    publicUrl: config.publicUrl,
    random: connection.random,
    discoverer,
    keepDays: async () => (await revisions.current())?.manifest.policies.history.keepDays ?? limits.historyKeepDays,
    emit,
    eventsUrls: config.eventsUrls ?? new Map(),
  });
  const wakeSync = (): void => worker.wake();
  const connections = createConnectionUseCases({
    config,
    connection,
    sync,
    targets,
    status,
    onSignIn: (tenant) => discoverer.lookAgain(tenant),
    wakeSync,
  });
  const { chores, ...connectionParts } = createConnectionParts({
    config,
    connection,
    targets,
    manifests,
    status,
    lens,
    emit,
    beforeGrantEnds: (tenant, id) => endWebhook({ connection, targets }, tenant, id),
    onGone: sync.onSchemaChange,
    onConnected: ({ tenant }) => {
      discoverer.lookAgain(tenant);
      worker.wake();
    },
    wakeSync,
  });
  const parts = { ...connectionParts, sync: createSyncUseCases({ ...core, wakeSync }) };
  return { worker, chores, connections, connectionParts: parts };
}

async function compose(given: Composed): Promise<Gantry> {
  const ear = createEar(given.emit);
  const options = { ...given, emit: ear.emit };
  const { config, emit, clock, random, db } = options;
  const core = createCore(options);
  const { revisions, overlays, catalogues, lens, place, connection, targets, budgets } = core;
  const status: StatusDeps = { db, revisions, catalogues, lens };
  const { worker, chores, connections, connectionParts } = createWork(core, config, status);
  const { vault } = connection;
  const access = createAccessParts({ ...core, db, clock, random });
  const identity = createIdentityParts({ ...core, config, db, clock, random, access: access.reader });
  const { findCaller } = identity.doors;
  const telling = await createSubscriptionParts({
    ...core,
    config,
    db,
    vault,
    clock,
    random,
    emit,
    findCaller,
    access: access.reader,
    stops: identity.stops,
  });
  const { connectionNotes, door } = createAnswers(core, { status, access }, () => worker.wake(), telling.readEvents);
  const stopListening = await listenForOthers({ ...core, db, forgetKeys: identity.forgetKeys, connectionNotes });
  const stopHearing = await budgets.listen();
  const stopAccessNews = await access.reader.listen();
  const alerting = createAlertParts({ ...core, config, db, vault, clock, random });
  ear.hearBy(alerting.hear);
  const api = createApiRole({
    config,
    version,
    door,
    ...identity.doors,
    connections,
    ...connectionParts,
    project: createProjectUseCases({ revisions, overlays }),
    lens: createLensUseCases({ db, lens }),
    budgets: createBudgetUseCases({ db, ...core }),
    alerts: alerting.alerts,
    subscriptions: telling.subscriptions,
    events: telling.events,
    followEvents: telling.followEvents,
    users: createUserSignIns({ connection, targets, ownLinks: access.ownLinks }),
    principals: access.principals,
    vault: createVaultUseCases(connection),
    makeWebhook: createMakeWebhook({ connection, targets, publicUrl: config.publicUrl }),
    takeDelivery: createTakeDelivery({ connection, targets, publicUrl: config.publicUrl, emit }),
    db,
    random,
    emit,
    peers: place.peers,
    agents: options.lensRole !== 'lens',
  });
  const stopNews = async (): Promise<void> => {
    await stopListening();
    await stopHearing();
    await stopAccessNews();
  };
  const { callers } = identity;
  const workers = { chores, worker, access, telling, alerting };
  return assembled({ ...core, config, db, callers, connections, door }, { ...workers, api, stopNews, place });
}

interface Worker {
  start(): void;
  stop(): Promise<void>;
}

/** What is running of a process, in the order in which it ends. */
interface Running {
  readonly api: ReturnType<typeof createApiRole>;
  readonly chores: Worker;
  readonly worker: Worker;
  readonly access: Worker;
  readonly alerting: Worker;
  readonly telling: SubscriptionParts;
  readonly stopNews: () => Promise<void>;
  readonly place: Pick<LensPlace, 'openAt'>;
}

type Standing = Omit<Gantry, 'followEvents' | 'startWorker' | 'openDoors' | 'close'> & Pick<Core, 'budgets' | 'emit'>;

function assembled(standing: Standing, running: Running): Gantry {
  const { config, db, revisions, overlays, catalogues, callers, lens, connections, door, budgets, emit } = standing;
  const { api, chores, worker, access, alerting, telling, stopNews, place } = running;
  const close = once(async () => {
    await api.stop();
    await chores.stop();
    await worker.stop();
    await access.stop();
    await alerting.stop();
    await telling.stopWorker();
    await telling.close();
    await stopNews();
    await budgets.close();
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
    followEvents: telling.followEvents,
    close,
    startWorker: () => {
      chores.start();
      worker.start();
      access.start();
      telling.start();
      alerting.start();
    },
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

async function notify(db: Db, channel: string, payload: string, emit: EventSink): Promise<void> {
  try {
    await db.query('select pg_notify($1, $2)', [channel, payload]);
  } catch (cause) {
    emit({ kind: 'sync_poll_failed', cause });
  }
}
