import { connectionId, type ConnectionId, type ErrorBody, type TenantId } from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';
import { taken } from './name-taken.ts';

/** One tenant's account in one provider. `state` is src/connection's, opaque here. */
export interface ConnectionRow {
  readonly id: ConnectionId;
  readonly slug: string;
  readonly integration: string;
  readonly provider: string;
  /** Null until the account is identified. */
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly apiUrl: string | null;
  readonly state: string;
  readonly lastError: ErrorBody | null;
  /** Who paused or revoked it last, when and why; meaningful in these states only. */
  readonly act: ConnectionAct | null;
  /** What became of the grant at the provider when it was revoked; src/connection's, opaque here. */
  readonly revocation: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Since when it is in its state. */
  readonly stateSince: Date;
  /** When somebody last signed in; null before, and where an earlier version of the program saw it. */
  readonly consentedAt: Date | null;
}

/** A type, not an interface: it is kept as JSON. */
export type ConnectionAct = {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly note: string | null;
};

const columns = `id, slug, integration, provider, account_id as "accountId", account_name as "accountName",
  api_url as "apiUrl", state, last_error as "lastError", act, revocation, created_at as "createdAt",
  updated_at as "updatedAt", coalesce(state_since, updated_at) as "stateSince", consented_at as "consentedAt"`;

export const connectionsSql = {
  add: `insert into connection (tenant, id, slug, integration, provider, account_id, account_name, api_url, state, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict (tenant, slug) do nothing returning id`,
  byId: `select ${columns} from connection where tenant = $1 and id = $2`,
  bySlug: `select ${columns} from connection where tenant = $1 and slug = $2`,
  // Its key never changes: rows that refer to it may be written meanwhile.
  lock: `select ${columns} from connection where tenant = $1 and id = $2 for no key update`,
  all: `select ${columns} from connection where tenant = $1 order by slug`,
  update: `update connection set account_id = $3, account_name = $4, api_url = $5, state = $6,
      last_error = $7::text::jsonb, act = $8::text::jsonb, revocation = $9, consented_at = $10, updated_at = $11,
      state_since = case when state = $6 then coalesce(state_since, updated_at) else $11 end
    where tenant = $1 and id = $2`,
  hold: 'update stream set held = $3 where tenant = $1 and connection = $2 and held <> $3',
  notify: 'select pg_notify($1, $2)',
  remove: 'delete from connection where tenant = $1 and id = $2',
} as const;

export interface NewConnection {
  readonly tenant: TenantId;
  readonly slug: string;
  readonly integration: string;
  readonly provider: string;
  readonly accountId?: string | null;
  readonly accountName?: string | null;
  readonly apiUrl?: string | null;
  readonly state: string;
}

/** Raises `store_name_taken`. */
export async function addConnection(tx: Tx, connection: NewConnection): Promise<ConnectionId> {
  const { tenant, slug, integration, provider, accountId, accountName, apiUrl, state } = connection;
  const id = await nextNumber(tx, tenant, 'connection');
  const rows = await tx.query(connectionsSql.add, [
    tenant,
    id,
    slug,
    integration,
    provider,
    accountId ?? null,
    accountName ?? null,
    apiUrl ?? null,
    state,
    tx.now,
  ]);
  if (rows.length === 0) throw taken('connection', slug);
  return connectionId(id);
}

export async function readConnection(tx: Tx, tenant: TenantId, id: ConnectionId): Promise<ConnectionRow | null> {
  return (await tx.query<ConnectionRow>(connectionsSql.byId, [tenant, id]))[0] ?? null;
}

export async function findConnection(tx: Tx, tenant: TenantId, slug: string): Promise<ConnectionRow | null> {
  return (await tx.query<ConnectionRow>(connectionsSql.bySlug, [tenant, slug]))[0] ?? null;
}

export async function listConnections(tx: Tx, tenant: TenantId): Promise<ConnectionRow[]> {
  return tx.query<ConnectionRow>(connectionsSql.all, [tenant]);
}

export type ConnectionChange = Partial<
  Pick<
    ConnectionRow,
    'accountId' | 'accountName' | 'apiUrl' | 'state' | 'lastError' | 'act' | 'revocation' | 'consentedAt'
  >
>;

/** As `readConnection`; nobody else changes it until the transaction ends. */
export async function lockConnection(tx: Tx, tenant: TenantId, id: ConnectionId): Promise<ConnectionRow | null> {
  return (await tx.query<ConnectionRow>(connectionsSql.lock, [tenant, id]))[0] ?? null;
}

/** Changes what is given, keeps the rest; the row is locked until commit. False where there is none. */
export async function updateConnection(
  tx: Tx,
  tenant: TenantId,
  id: ConnectionId,
  change: ConnectionChange,
): Promise<boolean> {
  const row = await lockConnection(tx, tenant, id);
  if (row === null) return false;
  const { accountId, accountName, apiUrl, state, lastError, act, revocation, consentedAt } = { ...row, ...change };
  await tx.query(connectionsSql.update, [
    tenant,
    id,
    accountId,
    accountName,
    apiUrl,
    state,
    jsonOrNull(lastError),
    jsonOrNull(act),
    revocation,
    consentedAt,
    tx.now,
  ]);
  return true;
}

const jsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** Notified with the tenant's number when a connection's state changed. A hint. */
export const connectionChannel = 'gantry_connection';

export async function notifyConnection(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.query(connectionsSql.notify, [connectionChannel, String(tenant)]);
}

/** `held`: none of its streams is claimed until they are let go; runs under way end by themselves. */
export async function holdStreams(tx: Tx, tenant: TenantId, connection: ConnectionId, held: boolean): Promise<void> {
  await tx.query(connectionsSql.hold, [tenant, connection, held]);
}

/** With its credentials and streams. Records stay until their streams' data is purged. */
export async function removeConnection(tx: Tx, tenant: TenantId, id: ConnectionId): Promise<void> {
  await tx.query(connectionsSql.remove, [tenant, id]);
}
