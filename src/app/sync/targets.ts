import { GantryError, suggest, type ConnectionId, type TenantId } from '../../kernel/index.ts';
import {
  appAt,
  appMissing,
  oauthOf,
  providerAccess,
  userAccess,
  type ConnectionDeps,
  type ConnectionState,
} from '../../connection/index.ts';
import type { Budgets } from '../../budget/index.ts';
import {
  requireConnector,
  type CallGate,
  type CallPurpose,
  type Connector,
  type ConnectorSession,
  type OAuthApp,
  type ProviderAccess,
  type UpstreamCall,
} from '../../connectors/index.ts';
import type { Integration } from '../../manifest/index.ts';
import { readConnection, type ConnectionRow } from '../../store/index.ts';
import type { SyncTarget } from '../../sync/index.ts';
import type { Config } from '../config.ts';
import { connectionBudget } from '../connections/connection-budget.ts';
import type { Revisions } from '../project/revisions.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

/** How integrations of the manifest meet connectors, OAuth apps and signed-in connections. */
export interface Targets {
  integration(name: string): Promise<Integration>;
  /** `app` is null where none is configured: credentials may do without. */
  connector(integration: string, provider: string): { connector: Connector; app: OAuthApp | null };
  /** For a sign-in in a browser. Raises `oauth_app_missing`, and `sign_in_unsupported` where the provider has none. */
  browser(integration: string, provider: string): { connector: Connector; app: OAuthApp };
  /** The same at an address: `asked` by this customer, configured, or the provider's common one. */
  signIn(integration: string, provider: string, asked: string | undefined): { connector: Connector; app: OAuthApp };
  /** For a sign-in with credentials: the application, if there is one, at the address `asked`, and the address that is trusted. */
  credentials(
    integration: string,
    provider: string,
    asked: string | undefined,
  ): { connector: Connector; app: OAuthApp | null; trustedOrigin: string | null };
  /**
   * Null where nobody has signed in, or the manifest no longer wants the
   * integration. `purpose`: `background` unless somebody waits for the answer.
   */
  ofConnection(tenant: TenantId, connection: ConnectionId, purpose?: CallPurpose): Promise<ConnectedTarget | null>;
  /** What the manifest wants from a connection, whether or not anybody is signed in; null: nothing any more, or it is deleted. */
  integrationOf(tenant: TenantId, connection: ConnectionId): Promise<Integration | null>;
  /** The same system with a user's own sign-in; null where the user has none there, or the connection itself has none. */
  asUser(
    tenant: TenantId,
    connection: ConnectionId,
    principal: string,
    purpose?: CallPurpose,
  ): Promise<ConnectorSession | null>;
}

/** A connection with the ways to its provider. */
export interface ConnectedTarget extends SyncTarget {
  readonly connector: Connector;
  readonly access: ProviderAccess;
  /** Another one where account, sign-in or manifest are others. */
  readonly key: string;
}

export interface TargetDeps extends ConnectionDeps {
  readonly config: Config;
  readonly revisions: Revisions;
  readonly manifests: TenantManifests;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly budgets: Budgets;
  readonly onCall: (integration: string, call: UpstreamCall) => void;
  /** The provider told a connection to wait: the sync does, and people should see why nothing moves. */
  readonly onLimited: (tenant: TenantId, connection: ConnectionId) => void;
}

type ReadyRow = ConnectionRow & { readonly apiUrl: string };

/** A connection that can be asked. */
interface Ready {
  readonly row: ReadyRow;
  readonly integration: Integration;
  /** Of the manifest. */
  readonly version: string;
}

const SIGNED_IN: readonly ConnectionState[] = ['working', 'degraded', 'reauth_required'];

export function createTargets(deps: TargetDeps): Targets {
  const connector: Targets['connector'] = (integration, provider) => {
    const found = requireConnector(deps.connectors, provider);
    const app = deps.config.oauthApps.get(integration);
    if (app === undefined) return { connector: found, app: null };
    const loginUrl = app.loginUrl === '' ? (found.oauth?.defaultLoginUrl ?? '') : app.loginUrl;
    return { connector: found, app: { ...app, loginUrl } };
  };

  const browser: Targets['browser'] = (integration, provider) => {
    const { connector: found, app } = connector(integration, provider);
    // First what no configuration could change.
    oauthOf(found);
    if (app === null) throw appMissing(integration);
    return { connector: found, app };
  };

  const signIn: Targets['signIn'] = (integration, provider, asked) => {
    const { connector: found, app } = browser(integration, provider);
    if (asked !== undefined) return { connector: found, app: appAt(found, app, asked) };
    if (app.loginUrl === '') throw loginUrlMissing(integration, found.title);
    return { connector: found, app };
  };

  const credentials: Targets['credentials'] = (integration, provider, asked) => {
    const { connector: found, app } = connector(integration, provider);
    const configured = deps.config.loginUrls.get(integration) ?? app?.loginUrl ?? '';
    const trustedOrigin = URL.canParse(configured) ? new URL(configured).origin : null;
    const at = app === null || asked === undefined ? app : appAt(found, app, asked);
    return { connector: found, app: at, trustedOrigin };
  };

  return {
    integration: (name) => integrationNamed(deps.revisions, name),
    connector,
    browser,
    signIn,
    credentials,
    ...createSessions(deps, connector),
  };
}

/** Signed-in connections, as whoever asks. */
function createSessions(
  deps: TargetDeps,
  connector: Targets['connector'],
): Pick<Targets, 'ofConnection' | 'integrationOf' | 'asUser'> {
  const sessions = new Map<string, { readonly key: string; readonly target: ConnectedTarget }>();
  const requestFor = (tenant: TenantId, row: ReadyRow) => ({
    tenant,
    connection: row.id,
    slug: row.slug,
    integration: row.integration,
    apiUrl: row.apiUrl,
    ...connector(row.integration, row.provider),
    onCall: (call: UpstreamCall) => {
      deps.onCall(row.integration, call);
      if (call.status === 429) deps.onLimited(tenant, row.id);
    },
  });

  /** Whoever signed in there, the account's limits are the same. */
  const gated = (
    tenant: TenantId,
    { row, integration }: Ready,
    { access, principal, purpose }: { access: ProviderAccess; principal?: string; purpose: CallPurpose },
  ): ProviderAccess => {
    const { connector: found } = connector(row.integration, row.provider);
    const gate = deps.budgets.gate(connectionBudget(tenant, row, found, integration), purpose);
    const act = { connection: row.slug, ...(principal === undefined ? {} : { principal }) };
    return { ...access, purpose, gate: stoppableGate(gate, () => deps.mayCall?.(tenant, act) ?? Promise.resolve()) };
  };

  const targetFor = (tenant: TenantId, ready: Ready, purpose: CallPurpose): Omit<ConnectedTarget, 'key'> => {
    const { row, integration } = ready;
    const request = requestFor(tenant, row);
    const access = gated(tenant, ready, { access: providerAccess(deps, request), purpose });
    const session = request.connector.open(access);
    const { connector: found } = request;
    return { tenant, connection: row.id, slug: row.slug, integration, session, connector: found, access };
  };

  const wantedRow = async (tenant: TenantId, connection: ConnectionId) => {
    const row = await deps.db.tenantRead(tenant, (tx) => readConnection(tx, tenant, connection));
    const applied = await deps.manifests.of(tenant);
    const integration = row === null ? undefined : applied?.manifest.integrations.get(row.integration);
    if (row === null || integration === undefined) return null;
    return { row, integration, version: applied?.version ?? '' };
  };

  /** Null where nobody has signed in, or the manifest no longer wants the integration. */
  const readyRow = async (tenant: TenantId, connection: ConnectionId): Promise<Ready | null> => {
    const wanted = await wantedRow(tenant, connection);
    if (wanted === null || wanted.row.apiUrl === null) return null;
    const { row, ...rest } = wanted;
    if (!SIGNED_IN.includes(row.state as ConnectionState)) return null;
    return { ...rest, row: { ...row, apiUrl: wanted.row.apiUrl } };
  };

  return {
    ofConnection: async (tenant, connection, purpose = 'background') => {
      const ready = await readyRow(tenant, connection);
      if (ready === null) return null;
      const { row, version } = ready;
      // One session per connection and manifest: tokens are shared, so that an expired one is refreshed once.
      const id = `${String(tenant)}/${String(connection)} ${purpose}`;
      const key = `${version} ${row.apiUrl} ${row.accountId ?? ''} ${row.consentedAt?.toISOString() ?? ''}`;
      const known = sessions.get(id);
      if (known?.key === key) return known.target;
      const target = { ...targetFor(tenant, ready, purpose), key };
      sessions.set(id, { key, target });
      return target;
    },
    integrationOf: async (tenant, connection) => {
      const wanted = await wantedRow(tenant, connection);
      return wanted === null || wanted.row.state === 'deleted' ? null : wanted.integration;
    },
    asUser: async (tenant, connection, principal, purpose = 'background') => {
      const ready = await readyRow(tenant, connection);
      if (ready === null) return null;
      const request = requestFor(tenant, ready.row);
      const access = await userAccess(deps, request, principal);
      return access === null ? null : request.connector.open(gated(tenant, ready, { access, principal, purpose }));
    },
  };
}

/** Waiting for one's turn may take minutes: what is stopped is asked after it, right before each attempt. */
function stoppableGate(gate: CallGate, mayCall: () => Promise<void>): CallGate {
  return {
    admit: async (attempt) => {
      const permit = await gate.admit(attempt);
      try {
        await mayCall();
        return permit;
      } catch (error) {
        permit.settle({ kind: 'unsent' });
        throw error;
      }
    },
  };
}

async function integrationNamed(revisions: Revisions, name: string): Promise<Integration> {
  const all = (await revisions.current())?.manifest.integrations;
  const integration = all?.get(name);
  if (integration !== undefined) return integration;
  throw new GantryError('not_found', {
    message: `The applied project has no integration named "${name}".`,
    where: 'integration',
    suggestions: suggest(name, all?.keys() ?? []),
    fix: 'Name an integration of the applied project.',
  });
}

function loginUrlMissing(integration: string, title: string): GantryError {
  return new GantryError('oauth_app_missing', {
    message: `${title} has no common login address; each customer's account has its own.`,
    where: integration,
    fix: `Set GANTRY_APP_${integration.toUpperCase()}_LOGIN_URL, for example https://acme.example.com.`,
  });
}
