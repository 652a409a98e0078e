import { limits, tenantId, type TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/*
 * `tenant_due` has one row per tenant: a moment that is no later than the one
 * at which a stream of the tenant can next be claimed. Whatever makes a stream
 * due brings it forward in its own transaction (`markDue`); only `settleDue`
 * moves it back, by what the streams say. Both lock the row until they commit,
 * and `settleDue` looks at the streams after it has the lock: it sees what
 * everybody did who had the row before, and whoever gets it later brings it
 * forward again. Streams are locked before the row, never after it.
 */
export const tenantScheduleSql = {
  due: 'select tenant from tenant_due where due_at <= now() order by due_at, tenant limit $1',
  mark: `insert into tenant_due as t (tenant, due_at) values ($1, $2)
    on conflict (tenant) do update set due_at = excluded.due_at where t.due_at > excluded.due_at`,
  lock: 'select tenant from tenant_due where tenant = $1 for update',
  settle: `update tenant_due set due_at = least($3,
      (select min(case when lease_until > $2 then greatest(due_at, lease_until) else due_at end)
        from stream where tenant = $1 and enabled and not held and paused is null),
      (select min($4::timestamptz) from connection c where c.tenant = $1 and c.api_url is not null and not exists (
        select 1 from stream s where s.tenant = $1 and s.connection = c.id)))
    where tenant = $1`,
  enrol: `insert into tenant_due (due_at, tenant) select now(), id from tenant on conflict (tenant) do nothing`,
  look: `update tenant_due set due_at = now() + $1::int * interval '1 millisecond'
    where ($2::int is null or tenant = $2) and due_at > now() + $1::int * interval '1 millisecond'`,
} as const;

/** Tenants that have, or may have, a stream to claim, longest waiting first: one statement, however many tenants there are. */
export async function dueTenants(db: Directory, limit: number): Promise<TenantId[]> {
  const rows = await db.query<{ tenant: number }>(tenantScheduleSql.due, [limit]);
  return rows.map(({ tenant }) => tenantId(tenant));
}

/** A stream of the tenant can be claimed from `at` on. In the transaction that makes it so, after the stream is written. */
export async function markDue(tx: Tx, tenant: TenantId, at: Date): Promise<void> {
  await tx.query(tenantScheduleSql.mark, [tenant, at]);
}

/**
 * Moves the tenant's row to where its streams say. At the latest after
 * `tenantLookMs`, whatever they say: programs of an earlier version do not
 * keep the row. A connection that has no streams yet is looked at soon.
 */
export async function settleDue(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.query(tenantScheduleSql.lock, [tenant]);
  await tx.query(tenantScheduleSql.settle, [
    tenant,
    tx.now,
    later(tx, limits.tenantLookMs),
    later(tx, limits.discoverAgainMs),
  ]);
}

/** Tenants that an earlier version of the program added have no row until then. */
export async function enrolTenants(db: Directory): Promise<void> {
  await db.query(tenantScheduleSql.enrol);
}

/** What is wanted of a tenant, or of all of them, has changed: they are looked at a moment later, when every process has heard of it. */
export async function lookAtTenants(db: Directory, tenant: TenantId | null): Promise<void> {
  await db.query(tenantScheduleSql.look, [limits.lookAfterChangeMs, tenant]);
}

function later(tx: Tx, ms: number): Date {
  return new Date(tx.now.getTime() + ms);
}
