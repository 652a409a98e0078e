import type { Json, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

export const switchWatchSql = {
  lock: `insert into switch_watch as w (tenant, trigger, subject) values ($1, $2, $3)
    on conflict (tenant, trigger, subject) do update set trigger = excluded.trigger returning parts`,
  keep: `update switch_watch set parts = $4::text::jsonb where tenant = $1 and trigger = $2 and subject = $3`,
  forget: `delete from switch_watch where tenant = $1 and trigger = $2 and subject = $3`,
} as const;

/** A trigger of the project, and what it counts: an agent, a connection; empty: the whole tenant. */
export interface WatchKey {
  readonly trigger: string;
  readonly subject: string;
}

/** What was counted, opaque here. Until commit nobody else counts the same. */
export async function lockSwitchWatch(tx: Tx, tenant: TenantId, { trigger, subject }: WatchKey): Promise<Json> {
  const [row] = await tx.query<{ parts: Json }>(switchWatchSql.lock, [tenant, trigger, subject]);
  if (row === undefined) throw new Error('an upsert returns its row');
  return row.parts;
}

export async function keepSwitchWatch(
  tx: Tx,
  tenant: TenantId,
  { trigger, subject }: WatchKey,
  parts: Json,
): Promise<void> {
  await tx.query(switchWatchSql.keep, [tenant, trigger, subject, JSON.stringify(parts)]);
}

/** It counts from nothing again. */
export async function forgetSwitchWatch(tx: Tx, tenant: TenantId, { trigger, subject }: WatchKey): Promise<void> {
  await tx.query(switchWatchSql.forget, [tenant, trigger, subject]);
}
