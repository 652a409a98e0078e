import type { ConnectionId, StreamId, TenantId } from '../kernel/index.ts';
import { connectionsSql, type ConnectionRow } from './connections.ts';
import type { Tx } from './db.ts';
import { streamsSql } from './streams.ts';

/** What is kept of a connection that was deleted: names, times, and the proof of what went. */
export interface DeletedConnection {
  readonly id: ConnectionId;
  readonly slug: string;
  readonly integration: string;
  readonly provider: string;
  readonly accountId: string | null;
  readonly accountName: string | null;
  readonly createdAt: Date;
  readonly deletedAt: Date;
  readonly deletedBy: string;
  readonly note: string | null;
  readonly revocation: string | null;
  readonly streams: readonly StreamId[];
  readonly objects: readonly string[];
  /** Rows removed so far, by table. */
  readonly removed: { readonly [table: string]: number };
  /** When the last row was gone; null: removal is under way. */
  readonly purgedAt: Date | null;
}

const columns = `id, slug, integration, provider, account_id as "accountId", account_name as "accountName",
  created_at as "createdAt", deleted_at as "deletedAt", deleted_by as "deletedBy", note, revocation,
  streams, objects, removed, purged_at as "purgedAt"`;

export const deletedConnectionsSql = {
  add: `insert into deleted_connection (tenant, id, slug, integration, provider, account_id, account_name, created_at,
      deleted_at, deleted_by, note, revocation, streams, objects, removed)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::jsonb)`,
  byId: `select ${columns} from deleted_connection where tenant = $1 and id = $2`,
  lock: `select ${columns} from deleted_connection where tenant = $1 and id = $2 for update`,
  all: `select ${columns} from deleted_connection where tenant = $1 order by deleted_at desc, id desc`,
  count: `update deleted_connection set removed = $3::text::jsonb, purged_at = $4 where tenant = $1 and id = $2`,
  credentials: 'delete from credential where tenant = $1 and connection = $2 returning principal',
  schemas: `select count(*) as versions from schema_version
    where tenant = $1 and stream in (select id from stream where tenant = $1 and connection = $2)`,
} as const;

/**
 * What hangs on streams without a foreign key, by table: each statement removes
 * at most `$3` rows of the streams `$2`. Changes are last, and the tenant's
 * newest one stays until it is not the newest or too old: readers recognise the
 * database by it.
 */
export const purgeSql = {
  record: `delete from record where tenant = $1 and (stream, ext_id) in (
      select stream, ext_id from record where tenant = $1 and stream = any($2::int[]) order by stream, ext_id limit $3)
    returning 1`,
  record_history: `delete from record_history where tenant = $1 and (stream, ext_id, ver) in (
      select stream, ext_id, ver from record_history where tenant = $1 and stream = any($2::int[])
      order by stream, ext_id, ver limit $3)
    returning 1`,
  quarantine: `delete from quarantine where tenant = $1 and (stream, ext_id, field) in (
      select stream, ext_id, field from quarantine where tenant = $1 and stream = any($2::int[])
      order by stream, ext_id, field limit $3)
    returning 1`,
  sweep_seen: `delete from sweep_seen where tenant = $1 and (stream, ext_id) in (
      select stream, ext_id from sweep_seen where tenant = $1 and stream = any($2::int[])
      order by stream, ext_id limit $3)
    returning 1`,
  share: `delete from share where tenant = $1 and (stream, id) in (
      select stream, id from share where tenant = $1 and stream = any($2::int[]) order by stream, id limit $3)
    returning 1`,
  access_parent: `delete from access_parent where tenant = $1 and (stream, ext_id, parent_stream, parent_id) in (
      select stream, ext_id, parent_stream, parent_id from access_parent where tenant = $1 and stream = any($2::int[])
      order by stream, ext_id limit $3)
    returning 1`,
  access_seen: `delete from access_seen where tenant = $1 and (stream, link, ext_id) in (
      select stream, link, ext_id from access_seen where tenant = $1 and stream = any($2::int[])
      order by stream, link, ext_id limit $3)
    returning 1`,
  access_recheck: `delete from access_recheck where tenant = $1 and (stream, ext_id) in (
      select stream, ext_id from access_recheck where tenant = $1 and stream = any($2::int[])
      order by stream, ext_id limit $3)
    returning 1`,
  change: `delete from change where tenant = $1 and seq in (
      select seq from change where tenant = $1 and stream = any($2::int[])
        and seq < (select seq from change_head where tenant = $1) order by seq limit $3)
    returning 1`,
} as const;

/** Destroys every sign-in of a connection, its users' included. Returns how many. */
export async function destroyCredentials(tx: Tx, tenant: TenantId, connection: ConnectionId): Promise<number> {
  return (await tx.query(deletedConnectionsSql.credentials, [tenant, connection])).length;
}

/**
 * Takes a connection away with everything that refers to it, and leaves its
 * stone. From here on nobody can ask for its data, and its name is free;
 * records are removed afterwards, by `purgePortion`.
 */
export async function buryConnection(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly row: ConnectionRow;
    readonly by: string;
    readonly note: string | null;
  },
): Promise<void> {
  const { tenant, row, by, note } = request;
  const streams = await tx.query<{ id: StreamId; object: string }>(streamsSql.ofConnection, [tenant, row.id]);
  const [schemas] = await tx.query<{ versions: number }>(deletedConnectionsSql.schemas, [tenant, row.id]);
  const credentials = await destroyCredentials(tx, tenant, row.id);
  const removed = { credential: credentials, stream: streams.length, schema_version: schemas?.versions ?? 0 };
  await tx.query(deletedConnectionsSql.add, [
    tenant,
    row.id,
    row.slug,
    row.integration,
    row.provider,
    row.accountId,
    row.accountName,
    row.createdAt,
    tx.now,
    by,
    note,
    row.revocation,
    streams.map(({ id }) => id),
    streams.map(({ object }) => object),
    JSON.stringify(removed),
  ]);
  await tx.query(connectionsSql.remove, [tenant, row.id]);
}

export async function readDeletedConnection(
  tx: Tx,
  tenant: TenantId,
  id: ConnectionId,
): Promise<DeletedConnection | null> {
  return (await tx.query<DeletedConnection>(deletedConnectionsSql.byId, [tenant, id]))[0] ?? null;
}

/** Newest first. */
export function listDeletedConnections(tx: Tx, tenant: TenantId): Promise<DeletedConnection[]> {
  return tx.query<DeletedConnection>(deletedConnectionsSql.all, [tenant]);
}

/** Removes at most `limit` rows of one table and counts them, in one transaction. True: nothing is left. */
export async function purgePortion(
  tx: Tx,
  {
    tenant,
    connection,
    limit,
  }: { readonly tenant: TenantId; readonly connection: ConnectionId; readonly limit: number },
): Promise<boolean> {
  const [stone] = await tx.query<DeletedConnection>(deletedConnectionsSql.lock, [tenant, connection]);
  if (stone === undefined || stone.purgedAt !== null) return true;
  for (const [table, text] of Object.entries(purgeSql)) {
    const gone = (await tx.query(text, [tenant, [...stone.streams], limit])).length;
    if (gone === 0) continue;
    const removed = { ...stone.removed, [table]: (stone.removed[table] ?? 0) + gone };
    await tx.query(deletedConnectionsSql.count, [tenant, connection, JSON.stringify(removed), null]);
    return false;
  }
  await tx.query(deletedConnectionsSql.count, [tenant, connection, JSON.stringify(stone.removed), tx.now]);
  return true;
}
