import { GantryError, type TenantId } from '../kernel/index.ts';
import type { AccountIdentity, Connector, TokenSet } from '../connectors/index.ts';
import { findConnection, type ConnectionRow } from '../store/index.ts';
import type { ConnectionDeps } from './deps.ts';

/** Whose account the tokens that a provider has just given out belong to. */
export function identityOf(connector: Connector, tokens: TokenSet): Promise<AccountIdentity> {
  const { accessToken, context } = tokens;
  const token = { accessToken, generation: 0, ...(context === undefined ? {} : { context }) };
  const refused = new GantryError('connection_reauth_required', {
    message: 'The provider refused the token that it had just given out.',
  });
  const access = { apiUrl: tokens.apiUrl, token: async () => token, renew: () => Promise.reject(refused) };
  return connector.open(access).identify();
}

/** Records of two customers' accounts must never meet under one connection. */
export function refuseOtherAccount(row: ConnectionRow, account: AccountIdentity): void {
  if (row.accountId === null || row.accountId === account.accountId) return;
  throw new GantryError('connection_account_differs', {
    message: `Connection ${row.slug} belongs to ${row.accountName ?? 'another account'}, not to ${account.accountName}.`,
    where: row.slug,
  });
}

/** Says that it happened; nothing of that sign-in was kept. */
export async function reportRefusedAccount(
  deps: ConnectionDeps,
  tenant: TenantId,
  slug: string,
  error: unknown,
): Promise<void> {
  if (!(error instanceof GantryError) || error.code !== 'connection_account_differs') return;
  const row = await deps.db.tenantRead(tenant, (tx) => findConnection(tx, tenant, slug));
  if (row !== null) deps.onEvent({ kind: 'connection_account_refused', tenant, connection: row.id });
}

/** A name that is taken: by another integration's connection, or by one that is being deleted right now. */
export function refuseOtherIntegration(row: ConnectionRow | null, integration: string): void {
  if (row?.state === 'deleted') {
    throw new GantryError('connection_state_conflict', {
      message: `The connection that was called ${row.slug} is being deleted right now.`,
      where: 'connection',
      fix: 'Repeat in a minute, or choose another name.',
      data: { state: row.state },
    });
  }
  if (row === null || row.integration === integration) return;
  throw new GantryError('bad_request', {
    message: `Connection ${row.slug} serves integration ${row.integration}, not ${integration}.`,
    where: 'connection',
    fix: 'Choose another name for the new connection.',
  });
}
