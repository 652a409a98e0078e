import type { ConnectionBudget } from '../budget/index.ts';
import type { Connector } from '../connectors/index.ts';
import type { TenantId } from '../kernel/index.ts';
import type { Integration } from '../manifest/index.ts';
import type { ConnectionRow } from '../store/index.ts';

/** What a connection's calls are counted under: its account's limits, as its integration and tenant lower them. */
export function connectionBudget(
  tenant: TenantId,
  row: Pick<ConnectionRow, 'id' | 'slug' | 'provider' | 'accountId'>,
  { rateLimits }: Connector,
  integration: Integration,
): ConnectionBudget {
  const { id: connection, slug, provider, accountId } = row;
  return { tenant, connection, slug, provider, accountId, rateLimits, configured: integration.limits ?? new Map() };
}
