import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { RateLimits } from '../connectors/index.ts';
import type { ConfiguredLimits } from './rules.ts';

/** A connection, and what its calls are counted under. */
export interface ConnectionBudget {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly slug: string;
  readonly provider: string;
  /** Null where the account is not known: then the connection has a budget of its own. */
  readonly accountId: string | null;
  /** Where its calls go; null where that is not known. */
  readonly apiUrl: string | null;
  readonly rateLimits: RateLimits | undefined;
  readonly configured: ConfiguredLimits;
}

/**
 * Connections with the same one share a budget. The host belongs to it: a server
 * of a customer's own may give itself any account's name, and what it then says
 * of limits must not hold up the customer whose account that is.
 */
export function accountOf({ provider, accountId, apiUrl, tenant, connection }: ConnectionBudget): string {
  if (accountId === null || apiUrl === null) return `${provider}:?${String(tenant)}/${String(connection)}`;
  return `${provider}:${new URL(apiUrl).host}:${accountId}`;
}
