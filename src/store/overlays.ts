import type { TenantId } from '../kernel/index.ts';
import { lookAtTenants } from './tenant-schedule.ts';
import type { Directory } from './tenants.ts';

/** A version of a tenant's stored overlay. Never changed, never deleted; the newest one is in force. */
export interface OverlayRow {
  readonly tenant: TenantId;
  readonly version: number;
  readonly createdAt: Date;
  readonly author: string;
  /** YAML as it was written; null where this version took the overlay away. */
  readonly content: string | null;
}

const columns = 'tenant, version, created_at as "createdAt", author, content';

export const overlaysSql = {
  add: `insert into overlay (tenant, version, created_at, author, content)
    select $1, coalesce(max(version), 0) + 1, $2::timestamptz, $3::text, $4::text from overlay where tenant = $1
    returning version`,
  newest: `select ${columns} from overlay where tenant = $1 order by version desc limit 1`,
  newestVersion: 'select coalesce(max(version), 0) as version from overlay where tenant = $1',
  list: `select ${columns} from overlay where tenant = $1 order by version desc limit $2`,
  // Directory: what all tenants have, to see what a new revision means for each.
  inForce: `select o.tenant, t.slug, o.version, o.created_at as "createdAt", o.author, o.content
    from overlay o join tenant t on t.id = o.tenant
    where o.content is not null
      and o.version = (select max(n.version) from overlay n where n.tenant = o.tenant)
    order by t.slug`,
} as const;

export interface NewOverlay {
  readonly tenant: TenantId;
  readonly at: Date;
  readonly author: string;
  readonly content: string | null;
}

/** Keeps it as the next version and puts it in force. Callers take turns by `lockProject`. */
export async function addOverlay(db: Directory, { tenant, at, author, content }: NewOverlay): Promise<number> {
  const [row] = await db.query<{ version: number }>(overlaysSql.add, [tenant, at, author, content]);
  if (row === undefined) throw new Error('the overlay was not saved');
  await lookAtTenants(db, tenant);
  return row.version;
}

/** The newest version, be it an overlay or the end of one; null where the tenant never had one. */
export async function newestOverlay(db: Directory, tenant: TenantId): Promise<OverlayRow | null> {
  return (await db.query<OverlayRow>(overlaysSql.newest, [tenant]))[0] ?? null;
}

/** The number of the newest version; 0 where the tenant never had one. */
export async function newestOverlayVersion(db: Directory, tenant: TenantId): Promise<number> {
  return (await db.query<{ version: number }>(overlaysSql.newestVersion, [tenant]))[0]?.version ?? 0;
}

/** Newest first. */
export async function listOverlays(db: Directory, tenant: TenantId, limit: number): Promise<OverlayRow[]> {
  return db.query<OverlayRow>(overlaysSql.list, [tenant, limit]);
}

export interface OverlayInForce extends OverlayRow {
  readonly slug: string;
  readonly content: string;
}

/** The overlays in force at all tenants, by slug. */
export async function overlaysInForce(db: Directory): Promise<OverlayInForce[]> {
  return db.query<OverlayInForce>(overlaysSql.inForce);
}
