import type { BudgetUseCases } from '../../api/index.ts';
import type { BudgetReport, Budgets, ConnectionBudget } from '../../budget/index.ts';
import type { Connector } from '../../connectors/index.ts';
import { GantryError, type JsonObject, type TenantId } from '../../kernel/index.ts';
import { findTenant, listConnections, listTenants, type Db } from '../../store/index.ts';
import { connectionBudget } from './connection-budget.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

export interface BudgetUseCaseDeps {
  readonly db: Db;
  readonly budgets: Budgets;
  readonly manifests: TenantManifests;
  readonly connectors: ReadonlyMap<string, Connector>;
}

/** What is left of the provider accounts' calls, for operators. */
export function createBudgetUseCases(deps: BudgetUseCaseDeps): BudgetUseCases {
  return {
    list: async (_operator, { tenant }) => {
      const slugs = new Map<TenantId, string>();
      if (tenant === undefined) for (const { id, slug } of await listTenants(deps.db)) slugs.set(id, slug);
      else slugs.set(await tenantNamed(deps.db, tenant), tenant);
      const all: ConnectionBudget[] = [];
      for (const id of slugs.keys()) all.push(...(await budgetsOf(deps, id)));
      const report = await deps.budgets.report(all);
      return report.map((each) => shown(each, slugs));
    },
  };
}

async function tenantNamed(db: Db, slug: string): Promise<TenantId> {
  const row = await findTenant(db, slug);
  if (row !== null) return row.id;
  throw new GantryError('not_found', { message: `There is no tenant "${slug}".`, where: 'tenant' });
}

/** A tenant whose overlay has to be put right is left out: what holds for it is not known until then. */
export async function budgetsOf(
  { db, manifests, connectors }: BudgetUseCaseDeps,
  tenant: TenantId,
): Promise<ConnectionBudget[]> {
  const rows = await db.tenantRead(tenant, (tx) => listConnections(tx, tenant));
  const applied = await manifests.of(tenant).catch((error: unknown) => {
    if (error instanceof GantryError && error.code === 'overlay_stale') return null;
    throw error;
  });
  return rows.flatMap((row) => {
    const integration = applied?.manifest.integrations.get(row.integration);
    const connector = connectors.get(row.provider);
    return integration === undefined || connector === undefined
      ? []
      : [connectionBudget(tenant, row, connector, integration)];
  });
}

function shown(report: BudgetReport, slugs: ReadonlyMap<TenantId, string>): JsonObject {
  const { provider, accountId, connections, limit, windowS, used, calls, reserve } = report;
  return {
    provider,
    account: accountId,
    connections: connections.map(({ tenant, slug }) => ({ tenant: slugs.get(tenant) ?? null, connection: slug })),
    limit,
    window_s: windowS,
    used,
    calls,
    reserve,
    resets_at: report.resetsAt?.toISOString() ?? null,
    exhausted_at: report.exhaustedAt?.toISOString() ?? null,
    blocked_until: report.blockedUntil?.toISOString() ?? null,
  };
}
