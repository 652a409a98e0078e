import { providerAccess, type ConnectionDeps } from '../../connection/index.ts';
import type { Connector } from '../../connectors/index.ts';
import {
  keepRegistrations,
  wantRegistration,
  type Registrar,
  type Registrations,
  type WebhookProvider,
  type WebhookWish,
} from '../../inbox/index.ts';
import {
  canonicalJson,
  contentHash,
  GantryError,
  limits,
  withinTime,
  type ConnectionId,
  type TenantId,
} from '../../kernel/index.ts';
import type { Integration } from '../../manifest/index.ts';
import {
  listConnections,
  listRegistrations,
  lookAtRegistrations,
  readConnection,
  readRegistration,
  removeRegistration,
  removeWebhook,
  type ConnectionRow,
  type InboxKey,
} from '../../store/index.ts';
import type { EventSink } from '../events.ts';
import type { ConnectedTarget, Targets } from '../sync/targets.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { createWebhookAddresses } from './webhook-address.ts';

export interface WebhookRegistrationDeps {
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly manifests: TenantManifests;
  readonly publicUrl: string;
  readonly emit: EventSink;
}

/** Webhooks of connections whose project wants to be told: `sync: {live: webhook}`. */
export interface WebhookRegistrations extends Registrations {
  /** Somebody looked at a connection: what shall be registered of it is noted where that has changed. */
  want(target: ConnectedTarget): Promise<void>;
  /** Once for each version of the project that a tenant has: all of its connections. */
  lookAt(tenant: TenantId): Promise<void>;
}

export function keepWebhooks(
  deps: WebhookRegistrationDeps,
  { name, wakeSync }: { readonly name: string; readonly wakeSync: () => void },
): WebhookRegistrations {
  const { db, clock, random } = deps.connection;
  const addresses = createWebhookAddresses(deps.connection, deps.publicUrl);
  const kept = keepRegistrations({
    db,
    clock,
    random,
    name,
    wakeSync,
    wishOf: (key) => wishOf(deps, key),
    addressOf: async (key) => {
      const address = await db.tenantTx(key.tenant, (tx) => addresses.of(tx, key), 'inbox.registered_address');
      if (address !== null) return address;
      throw new GantryError('not_found', { message: 'The connection is being removed.' });
    },
    keepSecret: (tx, key, secret) => addresses.keepSecret(tx, key, secret),
    forgetAddress: removeWebhook,
    onEvent: deps.emit,
  });
  const lookedFor = new Map<string, string>();
  const versions = new Map<TenantId, string>();
  const want: WebhookRegistrations['want'] = async (target) => {
    const { tenant, connection } = target;
    const id = `${String(tenant)}/${String(connection)}`;
    if (lookedFor.get(id) === target.key) return;
    const row = await db.tenantRead(tenant, (tx) => readConnection(tx, tenant, connection));
    if (row === null) return;
    const objects = registrarOf(target.connector) === null ? [] : webhookObjects(target.integration);
    const version = objects.length === 0 ? null : versionOf(deps, row, objects);
    const isNew = await db.tenantTx(
      tenant,
      (tx) => wantRegistration(tx, { tenant, connection }, version),
      'inbox.want_registration',
    );
    lookedFor.set(id, target.key);
    if (isNew) kept.wake();
  };
  return {
    ...kept,
    want,
    lookAt: async (tenant) => {
      const version = (await deps.manifests.of(tenant))?.version ?? '';
      if (versions.get(tenant) === version) return;
      const { rows, registrations } = await db.tenantRead(tenant, async (tx) => ({
        rows: await listConnections(tx, tenant),
        registrations: await listRegistrations(tx, { tenant }),
      }));
      for (const { id } of rows) {
        const target = await deps.targets.ofConnection(tenant, id);
        if (target !== null) await want(target);
      }
      // Of those that are no longer wanted at all, too.
      if (registrations.length > 0) {
        await db.tenantTx(tenant, (tx) => lookAtRegistrations(tx, { tenant }), 'inbox.look_at_registrations');
        kept.wake();
      }
      versions.set(tenant, version);
    },
  };
}

/** Native objects of which the project wants to be told by webhook. */
export const webhookObjects = ({ objects }: Integration): readonly string[] =>
  [...new Set([...objects.values()].filter(({ sync }) => sync.live === 'webhook').map(({ from }) => from))].toSorted();

/** Scopes that a sign-in has to ask for beside those for reading. */
export function webhookScopes(connector: Connector, integration: Integration): readonly string[] {
  return webhookObjects(integration).length === 0 ? [] : (connector.events?.webhooks?.scopes ?? []);
}

function registrarOf({ events }: Connector): Registrar | null {
  const { register, remove } = events?.webhooks ?? {};
  return register === undefined || remove === undefined ? null : { register, remove };
}

async function wishOf(deps: WebhookRegistrationDeps, key: InboxKey): Promise<WebhookWish> {
  const { tenant, connection } = key;
  const row = await deps.connection.db.tenantRead(tenant, (tx) => readConnection(tx, tenant, connection));
  if (row === null) return { kind: 'never', provider: null };
  const provider = providerOf(deps, tenant, row);
  const integration = (await deps.manifests.of(tenant))?.manifest.integrations.get(row.integration);
  const objects = integration === undefined ? [] : webhookObjects(integration);
  if (provider === null || objects.length === 0) return { kind: 'never', provider };
  if (row.state !== 'working' && row.state !== 'degraded') return { kind: 'not_now' };
  const target = await deps.targets.ofConnection(tenant, connection);
  if (target === null) return { kind: 'not_now' };
  const version = versionOf(deps, row, objects);
  const obstacle = unreachable(deps.publicUrl, row.apiUrl ?? '');
  return { kind: 'register', target: { ...provider, access: target.access, objects, version, obstacle } };
}

function versionOf({ publicUrl }: WebhookRegistrationDeps, row: ConnectionRow, objects: readonly string[]): string {
  const { apiUrl, accountId, consentedAt } = row;
  return contentHash(canonicalJson([publicUrl, [...objects], apiUrl, accountId, consentedAt?.toISOString() ?? null]));
}

/** The way to tell the provider, whatever the project says now. Null: it has none, or nobody is signed in. */
function providerOf(
  { connection: deps, targets }: Pick<WebhookRegistrationDeps, 'connection' | 'targets'>,
  tenant: TenantId,
  row: ConnectionRow,
): WebhookProvider | null {
  const { connector, app } = targets.connector(row.integration, row.provider);
  const registrar = registrarOf(connector);
  const { id: connection, slug, integration, apiUrl } = row;
  if (registrar === null || apiUrl === null) return null;
  const access = providerAccess(deps, { tenant, connection, slug, integration, apiUrl, connector, app });
  return { registrar, access };
}

/** A provider in the internet calls https addresses of the internet; one on this machine, such as a sandbox, calls this machine. */
export function unreachable(publicUrl: string, apiUrl: string): GantryError | null {
  const ours = new URL(publicUrl);
  const isLocal = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
  if (URL.canParse(apiUrl) && isLocal(new URL(apiUrl).hostname)) return null;
  if (ours.protocol === 'https:' && !isLocal(ours.hostname)) return null;
  return new GantryError('webhook_address_unreachable', {
    message: `Providers cannot call ${ours.origin}.`,
    where: 'GANTRY_PUBLIC_URL',
  });
}

/**
 * The grant ends: the provider is told not to call us any more, with the little
 * patience that ending a grant has, and the address is nobody's from here on.
 */
export async function endWebhook(
  deps: Pick<WebhookRegistrationDeps, 'connection' | 'targets'>,
  tenant: TenantId,
  connection: ConnectionId,
): Promise<void> {
  const { db } = deps.connection;
  const key = { tenant, connection };
  const { row, registration } = await db.tenantRead(tenant, async (tx) => ({
    row: await readConnection(tx, tenant, connection),
    registration: await readRegistration(tx, key),
  }));
  const reference = registration?.reference ?? null;
  try {
    const provider = row === null ? null : providerOf(deps, tenant, row);
    if (provider !== null && reference !== null) {
      await withinTime(limits.webhookRemoveMaxMs, undefined, (ending) =>
        Promise.race([provider.registrar.remove(provider.access, reference), ended(ending)]),
      );
    }
  } finally {
    await db.tenantTx(
      tenant,
      async (tx) => {
        await removeRegistration(tx, key);
        await removeWebhook(tx, key);
      },
      'inbox.forget_address',
    );
  }
}

/** Rejects when the time is over. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the provider did not answer in time')), { once: true });
  });
}
