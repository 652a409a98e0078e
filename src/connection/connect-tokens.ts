import { GantryError, limits, type TenantId } from '../kernel/index.ts';
import { addConnectToken, findConnectToken, useConnectToken, type ConnectTokenRow, type Tx } from '../store/index.ts';
import type { ConnectionDeps } from './deps.ts';

export interface ConnectTokenRequest {
  readonly tenant: TenantId;
  /** Integrations to choose from; empty: all of the project. */
  readonly integrations: readonly string[];
  readonly connection: string | null;
  readonly returnUrl: string | null;
  readonly by: string;
  /** Seconds, at most `limits.connectTokenMaxS`. */
  readonly expiresInS: number;
}

/** What the product's backend hands to one person: good for one connection and a short time. Shown once; only its hash is kept. */
export async function createConnectToken(
  deps: ConnectionDeps,
  request: ConnectTokenRequest,
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const { tenant, integrations, connection, returnUrl, by, expiresInS } = request;
  const token = Buffer.from(deps.random.bytes(32)).toString('base64url');
  return deps.db.tx(async (tx) => {
    const expiresAt = new Date(tx.now.getTime() + expiresInS * 1_000);
    const forgetBefore = new Date(tx.now.getTime() - limits.connectTokenKeepMs);
    await addConnectToken(tx, {
      token,
      tenant,
      integrations,
      connection,
      returnUrl,
      createdBy: by,
      expiresAt,
      forgetBefore,
    });
    return { token, expiresAt };
  }, 'connection.add_connect_token');
}

/** A token that may be used now, or one that was: its bearer may see what came of it until it expires. Raises `connect_token_invalid`. */
export async function readConnectToken(deps: ConnectionDeps, token: string): Promise<ConnectTokenRow> {
  const row = await findConnectToken(deps.db, token);
  if (row === null) throw invalid('is not known here');
  if (row.revokedAt !== null) throw invalid('was taken back');
  if (row.expired) throw invalid('has expired');
  return row;
}

/** As `readConnectToken`, for what needs it unused. */
export async function unusedConnectToken(deps: ConnectionDeps, token: string): Promise<ConnectTokenRow> {
  const row = await readConnectToken(deps, token);
  if (row.usedAt !== null) throw invalid('has been used');
  return row;
}

/**
 * In the transaction that keeps the grant: of two sign-ins with one token, one
 * is kept. One that was begun in time may end as late as its own state allows.
 */
export async function spendConnectToken(
  tx: Tx,
  { tenant, token, connection }: { readonly tenant: TenantId; readonly token: string; readonly connection: string },
): Promise<void> {
  const expiredBefore = new Date(tx.now.getTime() - limits.oauthStateTtlMs);
  if (await useConnectToken(tx, { tenant, token, connection, expiredBefore })) return;
  throw invalid('has been used, taken back, or has expired');
}

function invalid(why: string): GantryError {
  return new GantryError('connect_token_invalid', { message: `This connect link ${why}.`, where: 'token' });
}
