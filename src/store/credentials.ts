import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** Whose credential of which connection; `principal` is `''` for the connection's own. */
export interface CredentialKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly principal: string;
}

export interface CredentialRow {
  /** Counts renewals: whoever holds an older one has been overtaken. */
  readonly generation: number;
  /** Sealed by the vault; meaningless here. */
  readonly sealed: Uint8Array;
  readonly expiresAt: Date | null;
  /** A renewal was begun then, and nobody has said how it ended. */
  readonly renewalBeganAt: Date | null;
  /** When the provider last refused it as it is. */
  readonly endedAt: Date | null;
}

export interface CredentialValue {
  readonly sealed: Uint8Array;
  readonly expiresAt: Date | null;
  /** When the sign-in ends unless it is renewed before; null: not known. */
  readonly endsAt: Date | null;
  /** It can be renewed without a person. */
  readonly renewable: boolean;
}

/** What may be known of a credential without opening it. */
export interface CredentialSummary {
  readonly connection: ConnectionId;
  readonly principal: string;
  readonly generation: number;
  readonly updatedAt: Date;
  readonly endsAt: Date | null;
  readonly renewable: boolean;
  readonly endedAt: Date | null;
  /** When people were told last that it ends. */
  readonly endToldAt: Date | null;
  readonly userName: string | null;
}

/** Which credential of a tenant. */
export type SealedPlace = Pick<CredentialKey, 'connection' | 'principal'>;

const columns =
  'generation, sealed, expires_at as "expiresAt", renewal_began_at as "renewalBeganAt", ended_at as "endedAt"';

export const credentialsSql = {
  read: `select ${columns} from credential where tenant = $1 and connection = $2 and principal = $3`,
  lock: `select ${columns} from credential where tenant = $1 and connection = $2 and principal = $3 for update`,
  save: `insert into credential (tenant, connection, principal, generation, sealed, expires_at, ends_at, renewable, updated_at)
    values ($1, $2, $3, 1, $4, $5, $6, $7, $8)
    on conflict (tenant, connection, principal) do update set generation = credential.generation + 1,
      sealed = excluded.sealed, expires_at = excluded.expires_at, ends_at = excluded.ends_at, renewable = excluded.renewable, end_told_at = null,
      updated_at = excluded.updated_at, renewal_began_at = null, ended_at = null
    returning generation`,
  replace: `update credential set generation = generation + 1, sealed = $5, expires_at = $6, ends_at = $7,
      renewable = $8, updated_at = $9, end_told_at = null, renewal_began_at = null, ended_at = null
    where tenant = $1 and connection = $2 and principal = $3 and generation = $4
    returning generation`,
  begin: `update credential set renewal_began_at = $4 where tenant = $1 and connection = $2 and principal = $3`,
  end: `update credential set ended_at = $5, renewal_began_at = null
    where tenant = $1 and connection = $2 and principal = $3 and generation = $4 returning generation`,
  name: 'update credential set user_name = $4 where tenant = $1 and connection = $2 and principal = $3',
  told: `update credential set end_told_at = $4 where tenant = $1 and connection = $2 and principal = $3
    and (end_told_at is null or end_told_at < $5) returning generation`,
  remove: 'delete from credential where tenant = $1 and connection = $2 and principal = $3',
  list: `select connection, principal, generation, updated_at as "updatedAt", ends_at as "endsAt",
      ended_at as "endedAt", renewable, end_told_at as "endToldAt", user_name as "userName"
    from credential where tenant = $1 order by connection, principal`,
  // The number of the data key: bytes 2 to 5 of what the vault sealed, big endian (src/vault/envelope.ts).
  olderKey: `select connection, principal, sealed from credential
    where tenant = $1 and substring(sealed from 2 for 4) <> int4send($2::int)
      and (connection, principal) > ($4, $5)
    order by connection, principal limit $3`,
  countOlder: `select count(*)::int as older from credential
    where tenant = $1 and substring(sealed from 2 for 4) <> int4send($2::int)`,
  resealed: `update credential set sealed = $5
    where tenant = $1 and connection = $2 and principal = $3 and sealed = $4 returning generation`,
  turn: `insert into credential_turn (tenant, connection, principal) values ($1, $2, $3)
    on conflict (tenant, connection, principal) do update set principal = excluded.principal`,
  bounds: `select set_config('lock_timeout', $1, true), set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', $2, true)`,
} as const;

export async function readCredential(tx: Tx, key: CredentialKey): Promise<CredentialRow | null> {
  return (await tx.query<CredentialRow>(credentialsSql.read, params(key)))[0] ?? null;
}

/** Returns the new generation. */
export async function saveCredential(tx: Tx, key: CredentialKey, value: CredentialValue): Promise<number> {
  const { sealed, expiresAt, endsAt, renewable } = value;
  const [row] = await tx.query<{ generation: number }>(credentialsSql.save, [
    ...params(key),
    sealed,
    expiresAt,
    endsAt,
    renewable,
    tx.now,
  ]);
  if (row === undefined) throw new Error('the credential was not saved');
  return row.generation;
}

/** The same, but only where nobody replaced or removed `generation` meanwhile; else null, and nothing is changed. */
export async function replaceCredential(
  tx: Tx,
  key: CredentialKey,
  generation: number,
  value: CredentialValue,
): Promise<number | null> {
  const { sealed, expiresAt, endsAt, renewable } = value;
  const values = [...params(key), generation, sealed, expiresAt, endsAt, renewable, tx.now];
  return (await tx.query<{ generation: number }>(credentialsSql.replace, values))[0]?.generation ?? null;
}

/** Says that the provider is about to be asked. Returns the credential as it was before. */
export async function beginRenewal(tx: Tx, key: CredentialKey): Promise<CredentialRow | null> {
  const [row] = await tx.query<CredentialRow>(credentialsSql.lock, params(key));
  if (row !== undefined) await tx.query(credentialsSql.begin, [...params(key), tx.now]);
  return row ?? null;
}

/** The provider no longer accepts `generation`. False where another one is in its place. */
export async function endCredential(tx: Tx, key: CredentialKey, generation: number): Promise<boolean> {
  return (await tx.query(credentialsSql.end, [...params(key), generation, tx.now])).length > 0;
}

export async function nameCredentialUser(tx: Tx, key: CredentialKey, userName: string): Promise<void> {
  await tx.query(credentialsSql.name, [...params(key), userName]);
}

export async function removeCredential(tx: Tx, key: CredentialKey): Promise<void> {
  await tx.query(credentialsSql.remove, params(key));
}

export function listCredentials(tx: Tx, tenant: TenantId): Promise<CredentialSummary[]> {
  return tx.query<CredentialSummary>(credentialsSql.list, [tenant]);
}

/** False: somebody else has told it since `before`. */
export async function noteEndTold(tx: Tx, key: CredentialKey, before: Date): Promise<boolean> {
  return (await tx.query(credentialsSql.told, [...params(key), tx.now, before])).length > 0;
}

/** Credentials that were sealed under another data key than `dataKey`, at most `limit`, in the order of their keys. */
export function credentialsUnderOtherKeys(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly dataKey: number;
    readonly limit: number;
    readonly after: SealedPlace | null;
  },
): Promise<{ connection: ConnectionId; principal: string; sealed: Uint8Array }[]> {
  return tx.query(credentialsSql.olderKey, [
    request.tenant,
    request.dataKey,
    request.limit,
    request.after?.connection ?? 0,
    request.after?.principal ?? '',
  ]);
}

export async function countUnderOtherKeys(tx: Tx, tenant: TenantId, dataKey: number): Promise<number> {
  return (await tx.query<{ older: number }>(credentialsSql.countOlder, [tenant, dataKey]))[0]?.older ?? 0;
}

/** The same secret in a new envelope, unless it was renewed meanwhile: then false, and nothing is changed. */
export async function keepResealed(
  tx: Tx,
  key: CredentialKey,
  before: Uint8Array,
  after: Uint8Array,
): Promise<boolean> {
  return (await tx.query(credentialsSql.resealed, [...params(key), before, after])).length > 0;
}

/**
 * Waits until nobody else holds this credential's turn, then holds it until the
 * transaction ends. PostgreSQL raises 55P03 after `waitMs`; a transaction that
 * is idle for longer than `holdMs` is ended. For servers: an embedded database
 * would stand still meanwhile.
 */
export async function holdRenewalTurn(
  tx: Tx,
  key: CredentialKey,
  bounds: { readonly waitMs: number; readonly holdMs: number },
): Promise<void> {
  await tx.query(credentialsSql.bounds, [String(bounds.waitMs), String(bounds.holdMs)]);
  await tx.query(credentialsSql.turn, params(key));
}

function params(key: CredentialKey): [TenantId, ConnectionId, string] {
  return [key.tenant, key.connection, key.principal];
}
