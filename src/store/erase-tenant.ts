import type { TenantId } from '../kernel/index.ts';
import { keyChannel } from './api-keys.ts';
import type { Tx } from './db.ts';

/**
 * Every table that a tenant's rows are in, in the order in which it is emptied
 * when the tenant leaves: keys first, since nothing that was sealed opens
 * without them; what hangs on other rows before those. A test compares it with
 * the database: whoever adds a table adds its name.
 */
export const tenantTables = [
  'data_key',
  'credential_turn',
  'credential',
  'write_attempt',
  'write_content',
  'write_request',
  'write_sending',
  'write_line',
  'write_take_back',
  'write',
  'write_plan',
  'approval_notice',
  'approval',
  'approval_case',
  'policy_spent',
  'policy_spending',
  'switch_watch',
  'switch',
  'audit_payload',
  'audit_entry',
  'audit_checkpoint',
  'audit_head',
  'delivery_attempt',
  'delivery',
  'subscription',
  'alert_notice',
  'alert',
  'inbox_event',
  'webhook',
  'operator_act',
  'circuit',
  'access_recheck',
  'access_seen',
  'object_standing',
  'standing',
  'principal_link',
  'field_set',
  'access_parent',
  'share',
  'access_stream',
  'access_class_grantee',
  'access_class',
  'access_connection',
  'local_user',
  'dead_letter',
  'sweep_report',
  'sweep_seen',
  'sweep',
  'quarantine',
  'record_history',
  'change',
  'record',
  'change_head',
  'schema_version',
  'stream',
  'deleted_connection',
  'connection',
  'lens_lease',
  'suppressed',
  'suppression_salt',
  'erasure',
  'counter',
] as const;

/** The same of directory tables, which only plain transactions change. What opens doors comes first. */
export const tenantDirectories = [
  'api_key',
  'connect_token',
  'sign_in_link',
  'oauth_item',
  'oauth_state',
  'token_cutoff',
  'overlay',
  'write_turn',
  'approval_link',
  'approval_turn',
  'audit_turn',
  'erasure_turn',
  'alert_turn',
  'access_turn',
  'subscription_turn',
  'event_line',
  'webhook_registration',
  'webhook_address',
  'inbox_turn',
  'connection_chore',
  'tenant_due',
] as const;

/** Those whose rows let somebody in. */
export const tenantDoors: readonly TenantDirectory[] = [
  'api_key',
  'connect_token',
  'sign_in_link',
  'oauth_item',
  'oauth_state',
];

export type TenantTable = (typeof tenantTables)[number];
export type TenantDirectory = (typeof tenantDirectories)[number];

const portion = (table: string): string => `delete from ${table} where tenant = $1 and ctid = any(array(
    select ctid from ${table} where tenant = $1 limit $2)) returning 1 as gone`;
const count = (table: string): string => `select count(*)::int as n from ${table} where tenant = $1`;
const each = <Name extends string>(
  names: readonly Name[],
  spell: (table: string) => string,
): Readonly<Record<Name, string>> =>
  Object.fromEntries(names.map((name) => [name, spell(name)])) as Readonly<Record<Name, string>>;

export const eraseTenantSql = {
  ...each([...tenantTables, ...tenantDirectories], portion),
  keys: "select id, encode(sha256(wrapped), 'hex') as wrapped from data_key where tenant = $1 order by id",
  remove: 'delete from tenant where id = $1 and leaving_at is not null returning id',
  notify: 'select pg_notify($1, $2)',
} as const;

export const tenantCountsSql: Readonly<Record<TenantTable | TenantDirectory, string>> = each(
  [...tenantTables, ...tenantDirectories],
  count,
);

/** Removes at most `limit` rows of the tenant. Fewer than that: none is left. */
export async function emptyTable(
  tx: Tx,
  tenant: TenantId,
  table: TenantTable | TenantDirectory,
  limit: number,
): Promise<number> {
  const text = eraseTenantSql[table];
  return (await tx.query(text, [tenant, limit])).length;
}

export async function countTable(tx: Tx, tenant: TenantId, table: TenantTable | TenantDirectory): Promise<number> {
  const text = tenantCountsSql[table];
  return (await tx.query<{ n: number }>(text, [tenant]))[0]?.n ?? 0;
}

/** The tenant's data keys by number, each with a hash of it as it is kept: tells later which ones are gone. */
export function dataKeysOf(tx: Tx, tenant: TenantId): Promise<{ readonly id: number; readonly wrapped: string }[]> {
  return tx.query<{ id: number; wrapped: string }>(eraseTenantSql.keys, [tenant]);
}

/** Whoever remembers keys and tokens forgets them. */
export async function forgetDoors(tx: Tx): Promise<void> {
  await tx.query(eraseTenantSql.notify, [keyChannel, '']);
}

/** Only of a tenant that is leaving. What is left in directories goes with it. `tx` is a plain transaction. */
export async function removeTenant(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.query(eraseTenantSql.remove, [tenant]);
}
