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
  readonly rateLimits: RateLimits | undefined;
  readonly configured: ConfiguredLimits;
}

/** Connections with the same one share a budget. */
export function accountOf({ provider, accountId, tenant, connection }: ConnectionBudget): string {
  return accountId === null ? `${provider}:?${String(tenant)}/${String(connection)}` : `${provider}:${accountId}`;
}
