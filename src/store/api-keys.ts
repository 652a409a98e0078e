import { createHash } from 'node:crypto';
import { limits, type TenantId } from '../kernel/index.ts';
import type { Directory } from './tenants.ts';

/** A key's bearer acts as `agent` for `tenant`. Only the hash is kept. */
export interface ApiKeyRow {
  readonly hash: Uint8Array;
  readonly tenant: TenantId;
  readonly agent: string;
  readonly label: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the hour; null: never. */
  readonly lastUsedAt: Date | null;
}

export interface FoundApiKey extends ApiKeyRow {
  /** Its last use that was noted is so long ago that this one is worth a note. */
  readonly useDue: boolean;
}

/** Notified when a key was revoked: whoever remembers keys forgets them. */
export const keyChannel = 'gantry_key';

const columns = `hash, tenant, agent, label, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt",
  last_used_at as "lastUsedAt"`;

export const apiKeysSql = {
  add: `insert into api_key (hash, tenant, agent, label, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
  // The directory resolves a key to its tenant, hence no tenant in the condition; the time is the database's.
  find: `select ${columns}, (last_used_at is null or last_used_at < now() - make_interval(secs => $2)) as "useDue"
    from api_key
    where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
  revoke: 'update api_key set revoked_at = $3 where tenant = $1 and hash = $2 and revoked_at is null returning hash',
  // Not longer than it was good for anyway.
  endAt: `update api_key set expires_at = least(expires_at, $3) where tenant = $1 and hash = $2 and revoked_at is null
    returning hash`,
  used: 'update api_key set last_used_at = $3 where tenant = $1 and hash = $2',
  notify: 'select pg_notify($1, $2)',
  list: `select ${columns} from api_key where tenant = $1 order by created_at, label`,
} as const;

/** Keys are 32 random bytes, so a plain hash is enough: there is nothing to guess. */
export function hashApiKey(key: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(key).digest());
}

export interface NewApiKey {
  readonly key: string;
  readonly tenant: TenantId;
  readonly agent: string;
  readonly label: string;
  readonly at: Date;
  readonly expiresAt?: Date;
}

export async function addApiKey(db: Directory, key: NewApiKey): Promise<void> {
  const { tenant, agent, label, at, expiresAt } = key;
  await db.query(apiKeysSql.add, [hashApiKey(key.key), tenant, agent, label, at, expiresAt ?? null]);
}

/** Null: unknown, revoked or expired; the caller learns no more than that. */
export async function findApiKey(db: Directory, key: string): Promise<FoundApiKey | null> {
  return (await db.query<FoundApiKey>(apiKeysSql.find, [hashApiKey(key), limits.keyUseNotedMs / 1_000]))[0] ?? null;
}

/** False where there was none to revoke. */
export async function revokeApiKey(
  db: Directory,
  key: { readonly tenant: TenantId; readonly hash: Uint8Array; readonly at: Date },
): Promise<boolean> {
  const revoked = (await db.query(apiKeysSql.revoke, [key.tenant, key.hash, key.at])).length > 0;
  await db.query(apiKeysSql.notify, [keyChannel, '']);
  return revoked;
}

/** Good until then and no longer. False where there is none that is not revoked. */
export async function endApiKeyAt(
  db: Directory,
  key: { readonly tenant: TenantId; readonly hash: Uint8Array; readonly at: Date },
): Promise<boolean> {
  const ends = (await db.query(apiKeysSql.endAt, [key.tenant, key.hash, key.at])).length > 0;
  await db.query(apiKeysSql.notify, [keyChannel, '']);
  return ends;
}

export async function noteKeyUse(
  db: Directory,
  key: { readonly tenant: TenantId; readonly hash: Uint8Array; readonly at: Date },
): Promise<void> {
  await db.query(apiKeysSql.used, [key.tenant, key.hash, key.at]);
}

export async function listApiKeys(db: Directory, tenant: TenantId): Promise<ApiKeyRow[]> {
  return db.query<ApiKeyRow>(apiKeysSql.list, [tenant]);
}

/** As `findApiKey`, for who knows the hash only. */
export async function findApiKeyByHash(db: Directory, hash: Uint8Array): Promise<ApiKeyRow | null> {
  return (await db.query<FoundApiKey>(apiKeysSql.find, [hash, limits.keyUseNotedMs / 1_000]))[0] ?? null;
}
