import { concurrently, type TenantId } from '../../kernel/index.ts';
import type { TenantFacts } from '../../manifest/index.ts';
import { listConnections, listTenants, overlaysInForce, type Db, type Directory } from '../../store/index.ts';

/** Tenants read at once: more would take all connections to the database. */
const AT_ONCE = 4;

export interface ConnectedTenant {
  readonly id: TenantId;
  readonly tenant: string;
  /** Integrations that its connections use. */
  readonly integrations: readonly string[];
}

/** Every tenant with the integrations that it is connected by. */
export async function connectedTenants(db: Db): Promise<ConnectedTenant[]> {
  return concurrently(await listTenants(db), AT_ONCE, async ({ id, slug }) => {
    const connections = await db.tenantRead(id, (tx) => listConnections(tx, id));
    return { id, tenant: slug, integrations: [...new Set(connections.map((row) => row.integration))] };
  });
}

/** The same with the overlays that are stored now, as a plan needs it. */
export async function withOverlays(db: Directory, tenants: readonly ConnectedTenant[]): Promise<TenantFacts[]> {
  const stored = new Map((await overlaysInForce(db)).map((row) => [row.tenant, row]));
  return tenants.map(({ id, tenant, integrations }) => ({ tenant, integrations, stored: stored.get(id) ?? null }));
}
