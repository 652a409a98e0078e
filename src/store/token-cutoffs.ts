import { keyChannel } from './api-keys.ts';
import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

export const tokenCutoffsSql = {
  cut: `insert into token_cutoff (tenant, principal, agent, before, cut_by) values ($1, $2, $3, $4, $5)
    on conflict (tenant, principal, agent) do update set before = excluded.before, cut_by = excluded.cut_by`,
  find: `select max(before) as before from token_cutoff
    where tenant = $1 and agent in ('', $3)
      and principal in ($2, '#' || encode(sha256(convert_to($1::int::text || '/' || $2, 'UTF8')), 'hex'))`,
  notify: 'select pg_notify($1, $2)',
} as const;

export interface TokenCutoff {
  readonly tenant: TenantId;
  readonly principal: string;
  /** Empty: whatever the agent. */
  readonly agent: string;
  readonly by: string;
}

/** Tokens of the user that were issued up to now are void from now on. `tx` is a plain transaction. */
export async function cutTokens(tx: Tx, cutoff: TokenCutoff): Promise<void> {
  const { tenant, principal, agent, by } = cutoff;
  await tx.query(tokenCutoffsSql.cut, [tenant, principal, agent, tx.now, by]);
  await tx.query(tokenCutoffsSql.notify, [keyChannel, '']);
}

/** What was issued before then is void; null: nothing is. Of an erased user only a hash is kept (erase-places.ts). */
export async function findCutoff(
  db: Directory,
  of: { readonly tenant: TenantId; readonly principal: string; readonly agent: string },
): Promise<Date | null> {
  const [row] = await db.query<{ before: Date | null }>(tokenCutoffsSql.find, [of.tenant, of.principal, of.agent]);
  return row?.before ?? null;
}
