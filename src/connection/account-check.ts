import { GantryError } from '../kernel/index.ts';
import type { AccountIdentity, Connector, TokenSet } from '../connectors/index.ts';
import type { ConnectionRow } from '../store/index.ts';

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

export function refuseOtherIntegration(row: ConnectionRow | null, integration: string): void {
  if (row === null || row.integration === integration) return;
  throw new GantryError('bad_request', {
    message: `Connection ${row.slug} serves integration ${row.integration}, not ${integration}.`,
    where: 'connection',
    fix: 'Choose another name for the new connection.',
  });
}
