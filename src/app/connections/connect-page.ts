import type { ConnectChoice, ConnectConsent, ConnectPageUseCases } from '../../api/index.ts';
import {
  connectWithCredentials,
  isReadable,
  readConnectToken,
  reportRefusedAccount,
  spendConnectToken,
  startConnect,
  unusedConnectToken,
  type Connected,
  type ConnectionDeps,
  type ConnectionState,
} from '../../connection/index.ts';
import { GantryError, type TenantId } from '../../kernel/index.ts';
import type { Integration, Manifest } from '../../manifest/index.ts';
import { findConnection, listTenants, type ConnectionRow, type ConnectTokenRow } from '../../store/index.ts';
import type { Config } from '../config.ts';
import { scopeOf, waysIn } from './connect-consent.ts';
import { checkedSlug } from './connect-slug.ts';
import type { Targets } from '../sync/targets.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { signInScopes } from './sign-in-scopes.ts';

export interface ConnectPageDeps {
  readonly config: Pick<Config, 'publicUrl'>;
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly manifests: TenantManifests;
  /** Somebody signed in. */
  readonly onConnected: (connected: Connected) => void;
}

/** What the connect page shows and does, for whoever holds a link's token. */
export function createConnectPage(deps: ConnectPageDeps): ConnectPageUseCases {
  const { connection } = deps;
  const signInPlace = async (token: string, integration: string) => {
    const row = await unusedConnectToken(connection, token);
    const { manifest } = await visitOf(deps, row);
    const found = chosen(manifest, row, integration);
    return { row, integration: found, slug: checkedSlug(row.connection ?? found.name) };
  };
  return {
    secure: new URL(deps.config.publicUrl).protocol === 'https:',

    offer: async (token) => {
      const row = await readConnectToken(connection, token);
      const { manifest, tenant } = await visitOf(deps, row);
      const choices: ConnectChoice[] = [];
      for (const integration of offered(manifest, row)) choices.push((await choiceOf(deps, row, integration)).choice);
      return { product: manifest.title, tenant, used: row.usedAt !== null, choices };
    },

    consent: (token, name) => consentOf(deps, token, name),

    startBrowser: async (token, request) => {
      const { row, integration, slug } = await signInPlace(token, request.integration);
      const { connector, app } = deps.targets.signIn(integration.name, integration.connector, request.loginUrl);
      const { authorizeUrl } = await startConnect(connection, {
        tenant: row.tenant,
        slug,
        integration: integration.name,
        connector,
        app,
        redirectUri: `${deps.config.publicUrl}/oauth/callback`,
        scopes: signInScopes(connector, integration),
        connectToken: token,
      });
      return authorizeUrl;
    },

    enter: async (token, request) => {
      const { row, integration, slug } = await signInPlace(token, request.integration);
      const { tenant } = row;
      const connected = await connectWithCredentials(connection, {
        ...deps.targets.credentials(integration.name, integration.connector, undefined),
        tenant,
        slug,
        integration: integration.name,
        method: request.method,
        values: request.values,
        onKeep: (tx) => spendConnectToken(tx, { tenant, token, connection: slug }),
      }).catch(async (error: unknown) => {
        await reportRefusedAccount(connection, tenant, slug, error);
        throw error;
      });
      deps.onConnected(connected);
    },

    outcome: async (token) => {
      const row = await readConnectToken(connection, token);
      if (row.usedConnection === null) return null;
      const { usedConnection: slug } = row;
      const { manifest, tenant } = await visitOf(deps, row);
      const made = await connectionAt(deps, row.tenant, slug);
      if (made === null) return null;
      const { connector } = deps.targets.connector(made.integration, made.provider);
      return {
        tenant,
        connection: slug,
        system: connector.title,
        accountName: made.accountName ?? '',
        product: manifest.title,
        returnUrl: row.returnUrl === null ? null : backTo(row.returnUrl, slug),
      };
    },
  };
}

async function consentOf(deps: ConnectPageDeps, token: string, name: string): Promise<ConnectConsent> {
  const row = await unusedConnectToken(deps.connection, token);
  const { manifest, tenant } = await visitOf(deps, row);
  const integration = chosen(manifest, row, name);
  const { choice } = await choiceOf(deps, row, integration);
  return {
    ...choice,
    product: manifest.title,
    tenant,
    connection: row.connection ?? integration.name,
    ...waysIn(deps.targets, integration),
    ...scopeOf(manifest, integration),
    several: offered(manifest, row).length > 1,
  };
}

/** The product reads from the address what came of it. */
function backTo(returnUrl: string, connection: string): string {
  const url = new URL(returnUrl);
  url.searchParams.set('status', 'connected');
  url.searchParams.set('connection', connection);
  return url.href;
}

/** The manifest as this tenant has it, and the tenant's name. */
async function visitOf(
  { manifests, connection }: ConnectPageDeps,
  { tenant }: ConnectTokenRow,
): Promise<{ manifest: Manifest; tenant: string }> {
  const applied = await manifests.of(tenant);
  if (applied === null) throw new GantryError('not_found', { message: 'No project has been applied yet.' });
  const slug = (await listTenants(connection.db)).find(({ id }) => id === tenant)?.slug ?? '';
  return { manifest: applied.manifest, tenant: slug };
}

function offered(manifest: Manifest, { integrations }: ConnectTokenRow): Integration[] {
  const all = [...manifest.integrations.values()];
  return integrations.length === 0 ? all : all.filter(({ name }) => integrations.includes(name));
}

function chosen(manifest: Manifest, row: ConnectTokenRow, name: string): Integration {
  const found = offered(manifest, row).find((integration) => integration.name === name);
  if (found !== undefined) return found;
  throw new GantryError('not_found', {
    message: 'This link does not offer that system.',
    where: 'integration',
    fix: 'Go back and choose one of the list.',
  });
}

function connectionAt(deps: ConnectPageDeps, tenant: TenantId, slug: string): Promise<ConnectionRow | null> {
  return deps.connection.db.tenantRead(tenant, (tx) => findConnection(tx, tenant, slug));
}

async function choiceOf(
  deps: ConnectPageDeps,
  row: ConnectTokenRow,
  { name, title }: Integration,
): Promise<{ choice: ConnectChoice }> {
  const found = await connectionAt(deps, row.tenant, row.connection ?? name);
  const present =
    found === null || found.accountId === null
      ? null
      : { account: found.accountName, needsSignIn: !isReadable(found.state as ConnectionState) };
  return { choice: { integration: name, title, present } };
}
