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
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const columns = `id, slug, integration, provider, account_id as "accountId", account_name as "accountName",
  api_url as "apiUrl", state, last_error as "lastError", created_at as "createdAt", updated_at as "updatedAt"`;

export const connectionsSql = {
  add: `insert into connection (tenant, id, slug, integration, provider, account_id, account_name, api_url, state, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict (tenant, slug) do nothing returning id`,
  byId: `select ${columns} from connection where tenant = $1 and id = $2`,
  bySlug: `select ${columns} from connection where tenant = $1 and slug = $2`,
  lock: `select ${columns} from connection where tenant = $1 and id = $2 for update`,
  all: `select ${columns} from connection where tenant = $1 order by slug`,
  update: `update connection set account_id = $3, account_name = $4, api_url = $5, state = $6,
      last_error = $7::text::jsonb, updated_at = $8
    where tenant = $1 and id = $2`,
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
  Pick<ConnectionRow, 'accountId' | 'accountName' | 'apiUrl' | 'state' | 'lastError'>
>;

/** Changes what is given, keeps the rest; the row is locked until commit. False where there is none. */
export async function updateConnection(
  tx: Tx,
  tenant: TenantId,
  id: ConnectionId,
  change: ConnectionChange,
): Promise<boolean> {
  const [row] = await tx.query<ConnectionRow>(connectionsSql.lock, [tenant, id]);
  if (row === undefined) return false;
  const { accountId, accountName, apiUrl, state, lastError } = { ...row, ...change };
  const error = lastError === null ? null : JSON.stringify(lastError);
  await tx.query(connectionsSql.update, [tenant, id, accountId, accountName, apiUrl, state, error, tx.now]);
  return true;
}

/** With its credentials and streams. Records stay until their streams' data is purged. */
export async function removeConnection(tx: Tx, tenant: TenantId, id: ConnectionId): Promise<void> {
  await tx.query(connectionsSql.remove, [tenant, id]);
}
