import { topicNames } from '../alerts/index.ts';
import { auditAppender, type AppendAudit } from '../audit/index.ts';
import { createBudgets } from '../budget/index.ts';
import type { ConnectionDeps } from '../connection/index.ts';
import { connectorRegistry, intents, type Connector } from '../connectors/index.ts';
import type { Clock, Random } from '../kernel/index.ts';
import type { KnownNames } from '../manifest/index.ts';
import { toolNames } from '../mcp/index.ts';
import { compileOperations, createCodeRunner } from '../operations/index.ts';
import type { Db } from '../store/index.ts';
import type { SyncDeps } from '../sync/index.ts';
import { createCallGuard } from '../switches/index.ts';
import { createVault } from '../vault/index.ts';
import { keepConnectionDeeds } from './audit/connection-deeds.ts';
import type { EventSink } from './events.ts';
import type { GantryOptions } from './gantry.ts';
import { createLensPlace } from './lens/lens-place.ts';
import { catalogueChannel, createCatalogues } from './project/catalogues.ts';
import { createOverlays } from './project/overlays.ts';
import { createRevisions } from './project/revisions.ts';
import { createTenantManifests } from './project/tenant-manifests.ts';
import { createTargets } from './sync/targets.ts';
import { liveWaysOf } from './webhooks/live-ways.ts';
import { recordLimited } from './worker-role.ts';

/** Names that a manifest may use, owned by the layers that implement them. */
export function knownNames(deps: { clock: Clock; random: Random }): KnownNames {
  return namesIn(connectorRegistry(deps));
}

function namesIn(connectors: ReadonlyMap<string, Connector>): KnownNames {
  const providerLimits = new Map([...connectors].map(([name, { rateLimits }]) => [name, rateLimits?.windows ?? []]));
  const liveWays = new Map([...connectors].map(([name, connector]) => [name, liveWaysOf(connector)]));
  const newFieldWays = new Map([...connectors].map(([name, { newFields }]) => [name, newFields ?? null]));
  return {
    connectors: [...connectors.keys()],
    tools: [...toolNames],
    alertTopics: topicNames,
    providerLimits,
    liveWays,
    newFieldWays,
    intents: [...intents.keys()],
  };
}

/** What a process is made of before its parts. */
export type Composed = Required<Omit<GantryOptions, 'onUpstreamCall'>> &
  Pick<GantryOptions, 'onUpstreamCall'> & { readonly db: Db };

/** The parts that doors and worker share. */
export function createCore(options: Composed) {
  const { config, emit, clock, random, db } = options;
  const connectors = connectorRegistry({ clock, random });
  const known = namesIn(connectors);
  const code = createCodeRunner();
  const revisions = createRevisions(db, known, { compile: (files) => compileOperations(files, code), clock });
  const manifests = createTenantManifests(db, revisions, clock);
  const catalogues = createCatalogues(db, manifests, (tenant) => place.lens.layoutChanged(tenant));
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
  const append = auditAppender(random);
  const connection = connectionDeps(options, append);
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
    append,
    revisions,
    known,
    onChange: (tenant) => {
      manifests.forget(tenant);
      catalogues.forget(tenant);
      lens.layoutChanged(tenant);
    },
  });
  return {
    code,
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
    append,
  };
}

export type Core = ReturnType<typeof createCore>;

/** What connections stand on; whatever is about to ask a provider asks the switches first. */
function connectionDeps({ config, db, clock, random, emit }: Composed, append: AppendAudit): ConnectionDeps {
  const { masterKey, otherMasterKeys: previousMasterKeys } = config;
  return {
    db,
    vault: createVault({ masterKey, previousMasterKeys, random }),
    clock,
    random,
    onEvent: emit,
    mayCall: createCallGuard({ db, clock }),
    changed: keepConnectionDeeds(append),
  };
}

async function notify(db: Db, channel: string, payload: string, emit: EventSink): Promise<void> {
  try {
    await db.query('select pg_notify($1, $2)', [channel, payload]);
  } catch (cause) {
    emit({ kind: 'sync_poll_failed', cause });
  }
}
