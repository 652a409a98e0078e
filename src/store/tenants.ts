import { tenantId, type TenantId } from '../kernel/index.ts';
import type { SqlParam } from './db.ts';
import { taken } from './name-taken.ts';

/** Directory: outside any tenant, so these take the `Db` or a plain transaction, not a tenant's. */
export interface Directory {
  query<Row>(text: string, params?: readonly SqlParam[]): Promise<Row[]>;
}

export interface TenantRow {
  readonly id: TenantId;
  readonly slug: string;
  readonly createdAt: Date;
}

export const tenantsSql = {
  add: 'insert into tenant (slug, created_at) values ($1, $2) on conflict (slug) do nothing returning id',
  bySlug: 'select id, slug, created_at as "createdAt" from tenant where slug = $1 and leaving_at is null',
  all: 'select id, slug, created_at as "createdAt" from tenant where leaving_at is null order by id',
} as const;

/** Raises `store_name_taken`. */
export async function addTenant(db: Directory, tenant: { slug: string; at: Date }): Promise<TenantId> {
  const [row] = await db.query<{ id: number }>(tenantsSql.add, [tenant.slug, tenant.at]);
  if (row === undefined) throw taken('tenant', tenant.slug);
  return tenantId(row.id);
}

/** Null also for one that is leaving (erase-offboarding.ts). */
export async function findTenant(db: Directory, slug: string): Promise<TenantRow | null> {
  const [row] = await db.query<TenantRow>(tenantsSql.bySlug, [slug]);
  return row ?? null;
}

/** Without those that are leaving. */
export async function listTenants(db: Directory): Promise<TenantRow[]> {
  return db.query<TenantRow>(tenantsSql.all);
}
