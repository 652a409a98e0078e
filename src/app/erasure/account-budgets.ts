import { accountOf } from '../../budget/index.ts';
import type { TenantId } from '../../kernel/index.ts';
import {
  keepOffboarding,
  listConnections,
  listTenants,
  lockOffboarding,
  type ConnectionRow,
  type Db,
  type Tx,
} from '../../store/index.ts';

/** Which provider accounts the tenant draws on, while its connections still say so: limits are kept under their names. */
export async function noteAccounts(tx: Tx, id: number, tenant: TenantId): Promise<void> {
  const row = await lockOffboarding(tx, id);
  const connections = await listConnections(tx, tenant);
  if (row === null || connections.length === 0) return;
  const known = (row.files['accounts'] ?? []) as readonly string[];
  const accounts = [...new Set([...known, ...connections.flatMap((each) => accountsOf(tenant, each))])];
  await keepOffboarding(tx, { ...row, files: { ...row.files, accounts } });
}

/** Those that no connection of any tenant draws on. */
export async function unusedAccounts(db: Db, accounts: readonly string[]): Promise<string[]> {
  const unused = new Set(accounts);
  if (unused.size === 0) return [];
  for (const { id: tenant } of await listTenants(db)) {
    const connections = await db.tenantRead(tenant, (tx) => listConnections(tx, tenant));
    for (const account of connections.flatMap((each) => accountsOf(tenant, each))) unused.delete(account);
  }
  return [...unused];
}

/** As it is called now, and as it was before it was identified. */
function accountsOf(tenant: TenantId, { id, slug, provider, accountId, apiUrl }: ConnectionRow): string[] {
  const of = { tenant, connection: id, slug, provider, rateLimits: undefined, configured: new Map() };
  return [accountOf({ ...of, accountId, apiUrl }), accountOf({ ...of, accountId: null, apiUrl: null })];
}
