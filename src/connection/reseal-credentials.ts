import { GantryError, limits, type TenantId } from '../kernel/index.ts';
import {
  credentialsUnderOtherKeys,
  keepResealed,
  type CredentialKey,
  type Db,
  type SealedPlace,
  type Tx,
} from '../store/index.ts';
import type { Vault } from '../vault/index.ts';
import { tokensContext } from './token-store.ts';

export interface Resealed {
  readonly resealed: number;
  /** What no key opens stays as it is: signing in anew replaces it. */
  readonly unreadable: number;
}

/**
 * Seals the tenant's credentials under its newest data key, some at a time, so
 * that nobody who reads or renews one of them waits for longer than that. One
 * that is renewed meanwhile is already under the new key.
 */
export async function resealCredentials(
  { db, vault }: { readonly db: Db; readonly vault: Vault },
  tenant: TenantId,
): Promise<Resealed> {
  const counts = { resealed: 0, unreadable: 0 };
  let after: SealedPlace | null = null;
  do {
    const from: SealedPlace | null = after;
    after = await db.tenantTx(
      tenant,
      async (tx) => {
        const { newest } = await vault.state(tx, tenant);
        if (newest === null) return null;
        const limit = limits.resealBatchMax;
        const rows = await credentialsUnderOtherKeys(tx, { tenant, dataKey: newest, limit, after: from });
        for (const { connection, principal, sealed } of rows) {
          const done = await resealed(tx, vault, { tenant, connection, principal }, sealed);
          counts[done ? 'resealed' : 'unreadable'] += 1;
        }
        return rows.length < limit ? null : (rows.at(-1) ?? null);
      },
      'connection.reseal',
    );
  } while (after !== null);
  return counts;
}

async function resealed(tx: Tx, vault: Vault, key: CredentialKey, sealed: Uint8Array): Promise<boolean> {
  const context = tokensContext(key);
  try {
    const text = await vault.open(tx, key.tenant, context, sealed);
    await keepResealed(tx, key, sealed, await vault.seal(tx, key.tenant, context, text));
    return true;
  } catch (error) {
    if (error instanceof GantryError && error.code === 'vault_unreadable') return false;
    throw error;
  }
}
