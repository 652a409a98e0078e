import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** What was accepted in a window that ends now. */
export interface SpentSum {
  readonly per: 'agent' | 'principal' | 'tenant';
  /** Null: whatever the model. */
  readonly model: string | null;
  readonly windowMs: number;
}

export const policySpentSql = {
  lock: `insert into policy_spending as s (tenant, accepted) values ($1, 1)
    on conflict (tenant) do update set accepted = s.accepted + 1`,
  sum: `select coalesce(sum(amount), 0)::float8 as amount, coalesce(sum(records), 0)::int as records from policy_spent
    where tenant = $1 and model = $2 and at > $3 and ($4::text is null or agent = $4)
      and ($5::text is null or principal = $5) and plan <> $6`,
  keep: `insert into policy_spent (tenant, plan, model, agent, principal, amount, records, at)
    select $1, $2, item->>'model', $3, $4, $5, (item->>'records')::int, $6
    from jsonb_array_elements($7::text::jsonb) item
    on conflict (tenant, plan, model) do update set amount = excluded.amount, records = excluded.records,
      at = excluded.at`,
  drop: 'delete from policy_spent where tenant = $1 and plan = $2',
  prune: 'delete from policy_spent where tenant = $1 and at < $2',
} as const;

/** Until commit, nobody else's plan of this tenant is accepted: sums that are read now hold then. */
export async function lockSpending(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.query(policySpentSql.lock, [tenant]);
}

/** `but`: a plan that does not count: the one that is asked about. */
export async function readSpent(
  tx: Tx,
  tenant: TenantId,
  of: { readonly agent: string; readonly principal: string | null; readonly but: string },
  sum: SpentSum,
): Promise<{ readonly amount: number; readonly records: number }> {
  const since = new Date(tx.now.getTime() - sum.windowMs);
  // An agent without a principal is not everybody: its own plans are summed instead.
  const byPrincipal = sum.per === 'principal' && of.principal !== null;
  const agent = sum.per === 'tenant' || byPrincipal ? null : of.agent;
  const params = [tenant, sum.model ?? '', since, agent, byPrincipal ? of.principal : null, of.but];
  const [row] = await tx.query<{ amount: number; records: number }>(policySpentSql.sum, params);
  return row ?? { amount: 0, records: 0 };
}

export interface SpentPlan {
  readonly plan: string;
  readonly agent: string;
  readonly principal: string | null;
  /** Null: nobody can tell; it was decided as the highest, and adds nothing to later sums. */
  readonly amount: number | null;
  readonly records: number;
  readonly models: readonly { readonly model: string; readonly records: number }[];
}

/** Counts from now on. What is older than `keepMs` is cleared away. */
export async function keepSpent(tx: Tx, tenant: TenantId, spent: SpentPlan, keepMs: number): Promise<void> {
  const rows = [{ model: '', records: spent.records }, ...spent.models.filter(({ model }) => model !== '')];
  const amount = Math.abs(spent.amount ?? 0);
  const params = [tenant, spent.plan, spent.agent, spent.principal, amount, tx.now, JSON.stringify(rows)];
  await tx.query(policySpentSql.keep, params);
  await tx.query(policySpentSql.prune, [tenant, new Date(tx.now.getTime() - keepMs)]);
}

/** Nothing of it was written, nor will be. */
export async function dropSpent(tx: Tx, tenant: TenantId, plan: string): Promise<void> {
  await tx.query(policySpentSql.drop, [tenant, plan]);
}
