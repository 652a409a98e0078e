import type { ConnectionUseCases } from '../../api/index.ts';
import {
  abandonConnect,
  connectWithCredentials,
  finishConnect,
  requireConnection,
  startConnect,
  type Connected,
  type ConnectionDeps,
} from '../../connection/index.ts';
import { GantryError, suggest, type TenantId } from '../../kernel/index.ts';
import {
  findTenant,
  listStreams,
  listTenants,
  requestSync,
  type ConnectionRow,
  type Db,
  type StreamRow,
} from '../../store/index.ts';
import { acceptDeletions, discoverConnection, type SyncDeps } from '../../sync/index.ts';
import type { Config } from '../config.ts';
import { connectionReports, type ReportDeps } from './connection-reports.ts';
import { checkedSlug } from './connect-slug.ts';
import { refuseStanding } from '../sync/reading-target.ts';
import type { Targets } from '../sync/targets.ts';
import { signInScopes } from './sign-in-scopes.ts';

export interface UseCaseDeps {
  readonly config: Config;
  readonly connection: ConnectionDeps;
  readonly sync: SyncDeps;
  readonly targets: Targets;
  readonly status: ReportDeps;
  /** Somebody signed in: what there is gets discovered in the background. */
  readonly onSignIn: (tenant: TenantId) => void;
  /** Something became due. */
  readonly wakeSync: () => void;
}

/** Connecting systems and moving data, as the REST door and the CLI offer it. */
export function createConnectionUseCases(deps: UseCaseDeps): ConnectionUseCases {
  const { db } = deps.connection;
  return {
    startConnect: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const integration = await deps.targets.integration(request.integration);
      const slug = checkedSlug(request.connection ?? integration.name);
      const { connector, app } = deps.targets.signIn(integration.name, integration.connector, request.loginUrl);
      const redirectUri = `${deps.config.publicUrl}/oauth/callback`;
      const started = await startConnect(deps.connection, {
        tenant,
        slug,
        integration: integration.name,
        connector,
        app,
        redirectUri,
        scopes: signInScopes(connector, integration),
      });
      return { connection: slug, ...started };
    },

    finishConnect: async (answer) => {
      const connected = await finishConnect(deps.connection, answer, deps.targets.browser);
      const tenants = await listTenants(db);
      const tenant = tenants.find((row) => row.id === connected.tenant)?.slug ?? '';
      return { tenant, ...welcome(deps, connected), byConnectPage: connected.byConnectPage === true };
    },

    signInMethods: async (_operator, request) => {
      const { name, connector: provider } = await deps.targets.integration(request.integration);
      const { connector } = deps.targets.connector(name, provider);
      return { system: connector.title, browser: connector.oauth !== null, methods: connector.credentials };
    },

    signIn: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const integration = await deps.targets.integration(request.integration);
      const { name, connector: provider } = integration;
      const connected = await connectWithCredentials(deps.connection, {
        ...deps.targets.credentials(name, provider, request.loginUrl),
        tenant,
        slug: checkedSlug(request.connection ?? name),
        integration: name,
        method: request.method,
        values: request.values,
      });
      return { tenant: request.tenant, ...welcome(deps, connected) };
    },

    abandonConnect: ({ state }) => abandonConnect(deps.connection, state),

    list: async (_operator, { tenant }) =>
      connectionReports(deps.status, { id: await requireTenant(db, tenant), slug: tenant }),

    syncNow: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const row = await db.tenantRead(tenant, (tx) => requireConnection(tx, tenant, request.connection));
      refuseStanding(row);
      const objects = request.objects ?? [];
      if (request.acceptDeletions === true && objects.length === 0) throw objectsMissing();
      let queued = 0;
      if (objects.length === 0) queued = await discoverAndQueue(deps, tenant, row.slug);
      const streams = await requireObjects(db, tenant, row, objects);
      if (request.acceptDeletions !== true) refusePaused(row, streams, objects);
      const deleted = request.acceptDeletions === true ? await acceptHeld(db, tenant, row, objects) : null;
      for (const object of objects) {
        queued += await db.tenantTx(
          tenant,
          (tx) => requestSync(tx, { tenant, connection: row.id, object, awaited: true }),
          'sync.request',
        );
      }
      deps.wakeSync();
      return { connection: row.slug, queued, ...(deleted === null ? {} : { deleted }) };
    },
  };
}

/** Somebody has signed in: the work begins, and they are told where they are. */
function welcome(deps: UseCaseDeps, connected: Connected): { connection: string; system: string; accountName: string } {
  const { connector } = deps.targets.connector(connected.integration, connected.provider);
  deps.onSignIn(connected.tenant);
  deps.wakeSync();
  return { connection: connected.slug, system: connector.title, accountName: connected.account.accountName };
}

async function requireObjects(
  db: Db,
  tenant: TenantId,
  row: ConnectionRow,
  objects: readonly string[],
): Promise<readonly StreamRow[]> {
  const streams = await db.tenantRead(tenant, (tx) => listStreams(tx, tenant, row.id));
  const known = streams.filter((stream) => stream.enabled).map((stream) => stream.object);
  const unknown = objects.find((object) => !known.includes(object));
  if (unknown === undefined) return streams;
  throw new GantryError('not_found', {
    message: `Connection ${row.slug} has no object "${unknown.slice(0, 80)}".`,
    where: 'objects',
    suggestions: suggest(unknown, known),
    fix: 'Name an object that the connection replicates; GET /v1/connections lists them.',
  });
}

/** Asking for what does not happen would look like success. */
function refusePaused({ slug }: ConnectionRow, streams: readonly StreamRow[], objects: readonly string[]): void {
  const standing = streams.find(({ object, paused }) => paused !== null && objects.includes(object));
  if (standing === undefined || standing.paused === null) return;
  const { by, at } = standing.paused;
  throw new GantryError('object_state_conflict', {
    message: `${standing.object} of connection ${slug} was paused by ${by} at ${at}.`,
    where: standing.object,
    fix: `Resume it: gantry sync resume --tenant SLUG --connection ${slug} --object ${standing.object}`,
  });
}

function objectsMissing(): GantryError {
  return new GantryError('bad_request', {
    message: 'Deletions are accepted for objects that are named.',
    where: 'objects',
    fix: 'Name each object whose held deletions are right.',
  });
}

/** Returns how many records were deleted; none at all where one of the objects has nothing held. */
async function acceptHeld(db: Db, tenant: TenantId, row: ConnectionRow, objects: readonly string[]): Promise<number> {
  return db.tenantTx(
    tenant,
    async (tx) => {
      let deleted = 0;
      for (const { id: stream, object } of await listStreams(tx, tenant, row.id)) {
        if (!objects.includes(object)) continue;
        const accepted = await acceptDeletions(tx, { tenant, stream });
        if (accepted === null) {
          throw new GantryError('not_found', {
            message: `No deletions of "${object}" are held.`,
            where: object,
            fix: 'Nothing to accept: they were carried out, the records were found again, or a new comparison is under way. gantry status tells.',
          });
        }
        deleted += accepted.deleted;
      }
      return deleted;
    },
    'sync.accept_deletions',
  );
}

/** Looks what there is (objects come and go), then makes every stream of the connection due. */
async function discoverAndQueue(deps: UseCaseDeps, tenant: TenantId, slug: string): Promise<number> {
  const { db } = deps.connection;
  const row = await db.tenantRead(tenant, (tx) => requireConnection(tx, tenant, slug));
  const target = await deps.targets.ofConnection(tenant, row.id, 'interactive');
  if (target === null) {
    throw new GantryError('connection_reauth_required', {
      message: `Nobody has signed in to connection ${slug} yet.`,
      where: slug,
    });
  }
  await discoverConnection(deps.sync, target);
  const queued = await db.tenantTx(
    tenant,
    (tx) => requestSync(tx, { tenant, connection: row.id, awaited: true }),
    'sync.request_all',
  );
  deps.wakeSync();
  return queued;
}

export async function requireTenant(db: Db, slug: string): Promise<TenantId> {
  const row = await findTenant(db, slug);
  if (row !== null) return row.id;
  const all = await listTenants(db);
  throw new GantryError('not_found', {
    message: `There is no tenant "${slug}".`,
    where: 'tenant',
    suggestions: suggest(
      slug,
      all.map((tenant) => tenant.slug),
    ),
    fix: 'Create it with `gantry tenant create`, or correct the name.',
  });
}
