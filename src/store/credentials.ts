import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** Whose credential of which connection; `principal` is `''` for the connection's own. */
export interface CredentialKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly principal: string;
}

export interface CredentialRow {
  /** Counts refreshes: whoever holds an older one has been overtaken. */
  readonly generation: number;
  /** Sealed by the vault; meaningless here. */
  readonly sealed: Uint8Array;
  readonly expiresAt: Date | null;
}

const columns = 'generation, sealed, expires_at as "expiresAt"';

export const credentialsSql = {
  read: `select ${columns} from credential where tenant = $1 and connection = $2 and principal = $3`,
  lock: `select ${columns} from credential where tenant = $1 and connection = $2 and principal = $3 for update`,
  save: `insert into credential (tenant, connection, principal, generation, sealed, expires_at, updated_at)
    values ($1, $2, $3, 1, $4, $5, $6)
    on conflict (tenant, connection, principal) do update set generation = credential.generation + 1,
      sealed = excluded.sealed, expires_at = excluded.expires_at, updated_at = excluded.updated_at
    returning generation`,
  remove: 'delete from credential where tenant = $1 and connection = $2 and principal = $3',
} as const;

export async function readCredential(tx: Tx, key: CredentialKey): Promise<CredentialRow | null> {
  return (await tx.query<CredentialRow>(credentialsSql.read, params(key)))[0] ?? null;
}

/** Keeps others from refreshing until this transaction ends: a rotated refresh token may be used once only. */
export async function lockCredential(tx: Tx, key: CredentialKey): Promise<CredentialRow | null> {
  return (await tx.query<CredentialRow>(credentialsSql.lock, params(key)))[0] ?? null;
}

/** Returns the new generation. */
export async function saveCredential(
  tx: Tx,
  key: CredentialKey,
  value: { readonly sealed: Uint8Array; readonly expiresAt: Date | null },
): Promise<number> {
  const [row] = await tx.query<{ generation: number }>(credentialsSql.save, [
    ...params(key),
    value.sealed,
    value.expiresAt,
    tx.now,
  ]);
  if (row === undefined) throw new Error('the credential was not saved');
  return row.generation;
}

export async function removeCredential(tx: Tx, key: CredentialKey): Promise<void> {
  await tx.query(credentialsSql.remove, params(key));
}

function params(key: CredentialKey): [TenantId, ConnectionId, string] {
  return [key.tenant, key.connection, key.principal];
}
