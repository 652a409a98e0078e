import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { InboxKey } from './inbox.ts';
import type { Directory } from './tenants.ts';

/** What was agreed with a provider about calling us. */
export interface WebhookRow {
  readonly address: string;
  /** Sealed. */
  readonly secret: Uint8Array;
  /** Sealed; good until `previousUntil`. */
  readonly previousSecret: Uint8Array | null;
  readonly previousUntil: Date | null;
  readonly heardAt: Date | null;
  readonly refused: number;
  readonly refusedAt: Date | null;
}

export const webhooksSql = {
  add: `insert into webhook (tenant, connection, address, secret) values ($1, $2, $3, $4)
    on conflict (tenant, connection) do nothing returning address`,
  name: 'insert into webhook_address (address, tenant, connection) values ($1, $2, $3)',
  find: 'select tenant, connection from webhook_address where address = $1',
  read: `select address, secret, previous_secret as "previousSecret", previous_until as "previousUntil",
      heard_at as "heardAt", refused::float8 as refused, refused_at as "refusedAt"
    from webhook where tenant = $1 and connection = $2`,
  all: `select connection, address, heard_at as "heardAt", refused::float8 as refused, refused_at as "refusedAt"
    from webhook where tenant = $1 order by connection`,
  rotate: `update webhook set previous_secret = secret, previous_until = $4, secret = $3
    where tenant = $1 and connection = $2 returning address`,
  heard: `update webhook set heard_at = $3 where tenant = $1 and connection = $2
    and (heard_at is null or heard_at < $3::timestamptz - interval '10 seconds')`,
  refuse: `update webhook set refused = refused + 1, refused_at = $3 where tenant = $1 and connection = $2`,
  forget: 'delete from webhook_address where tenant = $1 and connection = $2',
  remove: 'delete from webhook where tenant = $1 and connection = $2',
} as const;

/** There shall be an address of this connection. False: there is one, and it stays as it is. */
export async function addWebhook(
  tx: Tx,
  { tenant, connection }: InboxKey,
  { address, secret }: Pick<WebhookRow, 'address' | 'secret'>,
): Promise<boolean> {
  if ((await tx.query(webhooksSql.add, [tenant, connection, address, secret])).length === 0) return false;
  await tx.query(webhooksSql.name, [address, tenant, connection]);
  return true;
}

/** Whose address it is; null: nobody's. */
export async function findWebhook(db: Directory, address: string): Promise<InboxKey | null> {
  const rows = await db.query<{ tenant: TenantId; connection: ConnectionId }>(webhooksSql.find, [address]);
  return rows[0] ?? null;
}

export async function readWebhook(tx: Tx, { tenant, connection }: InboxKey): Promise<WebhookRow | null> {
  return (await tx.query<WebhookRow>(webhooksSql.read, [tenant, connection]))[0] ?? null;
}

/** Of all connections of a tenant, without what is secret. */
export function listWebhooks(
  tx: Tx,
  tenant: TenantId,
): Promise<(Pick<WebhookRow, 'address' | 'heardAt' | 'refused' | 'refusedAt'> & Pick<InboxKey, 'connection'>)[]> {
  return tx.query(webhooksSql.all, [tenant]);
}

/** From now on `secret`; the one before it is taken until then. False: no such webhook. */
export async function rotateWebhookSecret(
  tx: Tx,
  { tenant, connection }: InboxKey,
  { secret, previousUntil }: { readonly secret: Uint8Array; readonly previousUntil: Date },
): Promise<boolean> {
  return (await tx.query(webhooksSql.rotate, [tenant, connection, secret, previousUntil])).length > 0;
}

/** A delivery that was believed: to within ten seconds, so that a burst does not write one row again and again. */
export async function noteHeard(tx: Tx, { tenant, connection }: InboxKey): Promise<void> {
  await tx.query(webhooksSql.heard, [tenant, connection, tx.now]);
}

/** A delivery with a wrong signature. */
export async function noteRefused(tx: Tx, { tenant, connection }: InboxKey): Promise<void> {
  await tx.query(webhooksSql.refuse, [tenant, connection, tx.now]);
}

export async function removeWebhook(tx: Tx, { tenant, connection }: InboxKey): Promise<void> {
  await tx.query(webhooksSql.forget, [tenant, connection]);
  await tx.query(webhooksSql.remove, [tenant, connection]);
}
