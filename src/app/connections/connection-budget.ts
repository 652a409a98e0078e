import type { ConnectionBudget } from '../../budget/index.ts';
import type { Connector } from '../../connectors/index.ts';
import type { TenantId } from '../../kernel/index.ts';
import type { Integration } from '../../manifest/index.ts';
import type { ConnectionRow } from '../../store/index.ts';

/** What a connection's calls are counted under: its account's limits, as its integration and tenant lower them. */
export function connectionBudget<ApiUrl extends string | null>(
  tenant: TenantId,
  row: Pick<ConnectionRow, 'id' | 'slug' | 'provider' | 'accountId'> & { readonly apiUrl: ApiUrl },
  { rateLimits }: Connector,
  integration: Integration,
): ConnectionBudget & { readonly apiUrl: ApiUrl } {
  const { id: connection, slug, provider, accountId, apiUrl } = row;
  const configured = integration.limits ?? new Map<string, never>();
  return { tenant, connection, slug, provider, accountId, apiUrl, rateLimits, configured };
}
