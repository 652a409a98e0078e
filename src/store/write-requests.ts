import type { JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** A request under a key of the caller's: hashes of its members, and what came of it. */
export interface WriteRequestRow {
  readonly body: JsonObject;
  readonly plan: string;
}

export interface WriteRequestKey {
  readonly tenant: TenantId;
  readonly agent: string;
  readonly key: string;
}

export const writeRequestsSql = {
  // Waits for another transaction that adds the same; a key whose time is over is free again.
  add: `insert into write_request as r (tenant, agent, key, body, plan, created_at)
    values ($1, $2, $3, $4::text::jsonb, $5, $6)
    on conflict (tenant, agent, key) do update
      set body = excluded.body, plan = excluded.plan, created_at = excluded.created_at
      where r.created_at < $7
    returning plan`,
  read: `select body, plan from write_request where tenant = $1 and agent = $2 and key = $3 and created_at >= $4`,
  prune: `delete from write_request where tenant = $1 and (agent, key) in (
      select agent, key from write_request where tenant = $1 and created_at < $2 order by created_at limit $3)
    returning key`,
} as const;

/** False: somebody else's request under this key came first. `since`: keys from before are free. */
export async function addWriteRequest(
  tx: Tx,
  { tenant, agent, key }: WriteRequestKey,
  { body, plan, since }: WriteRequestRow & { readonly since: Date },
): Promise<boolean> {
  const params = [tenant, agent, key, JSON.stringify(body), plan, tx.now, since];
  return (await tx.query(writeRequestsSql.add, params)).length > 0;
}

export async function readWriteRequest(
  tx: Tx,
  { tenant, agent, key }: WriteRequestKey,
  since: Date,
): Promise<WriteRequestRow | null> {
  const [row] = await tx.query<WriteRequestRow>(writeRequestsSql.read, [tenant, agent, key, since]);
  return row ?? null;
}

/** Removes at most `limit` from before `before`. */
export async function pruneWriteRequests(
  tx: Tx,
  { tenant, before, limit }: { readonly tenant: TenantId; readonly before: Date; readonly limit: number },
): Promise<number> {
  return (await tx.query(writeRequestsSql.prune, [tenant, before, limit])).length;
}
