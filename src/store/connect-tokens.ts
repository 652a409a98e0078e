import { createHash } from 'node:crypto';
import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** Lets its bearer connect one system for `tenant`. Only the hash of the token is kept. */
export interface ConnectTokenRow {
  readonly hash: Uint8Array;
  readonly tenant: TenantId;
  /** Integrations to choose from; empty: all of the project. */
  readonly integrations: readonly string[];
  /** Slug of the connection that it is for; null: as the integration is called. */
  readonly connection: string | null;
  readonly returnUrl: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  /** Slug of the connection that was made with it. */
  readonly usedConnection: string | null;
  readonly revokedAt: Date | null;
  /** By the database's time. */
  readonly expired: boolean;
}

const columns = `hash, tenant, integrations, connection, return_url as "returnUrl", created_by as "createdBy",
  created_at as "createdAt", expires_at as "expiresAt", used_at as "usedAt", used_connection as "usedConnection",
  revoked_at as "revokedAt", expires_at <= now() as expired`;

export const connectTokensSql = {
  add: `insert into connect_token (hash, tenant, integrations, connection, return_url, created_by, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)`,
  // The token tells the tenant, hence no tenant in the condition.
  find: `select ${columns} from connect_token where hash = $1`,
  // `$5`: a sign-in that was begun in time may end a little later.
  use: `update connect_token set used_at = $3, used_connection = $4
    where tenant = $1 and hash = $2 and used_at is null and revoked_at is null and expires_at > $5 returning hash`,
  revoke: `update connect_token set revoked_at = $3
    where tenant = $1 and hash = $2 and revoked_at is null and used_at is null returning hash`,
  list: `select ${columns} from connect_token where tenant = $1 order by created_at desc limit $2`,
  sweep: 'delete from connect_token where expires_at < $1',
} as const;

/** Tokens are 32 random bytes, so a plain hash is enough. */
const hashOf = (token: string): Uint8Array => new Uint8Array(createHash('sha256').update(token).digest());

export interface NewConnectToken {
  readonly token: string;
  readonly tenant: TenantId;
  readonly integrations: readonly string[];
  readonly connection: string | null;
  readonly returnUrl: string | null;
  readonly createdBy: string;
  readonly expiresAt: Date;
  /** What ended before then is cleared away. */
  readonly forgetBefore: Date;
}

/** `tx` is a plain transaction, not a tenant's. */
export async function addConnectToken(tx: Tx, token: NewConnectToken): Promise<void> {
  const { tenant, integrations, connection, returnUrl, createdBy, expiresAt } = token;
  await tx.query(connectTokensSql.sweep, [token.forgetBefore]);
  const params = [hashOf(token.token), tenant, [...integrations], connection, returnUrl, createdBy, tx.now, expiresAt];
  await tx.query(connectTokensSql.add, params);
}

/** Null: no such token. One that is used, expired or revoked is found: its bearer is told so. */
export async function findConnectToken(db: Directory, token: string): Promise<ConnectTokenRow | null> {
  return (await db.query<ConnectTokenRow>(connectTokensSql.find, [hashOf(token)]))[0] ?? null;
}

/** Uses it up; once only. False: it was used, revoked, or expired before `expiredBefore`. */
export async function useConnectToken(
  tx: Tx,
  use: {
    readonly tenant: TenantId;
    readonly token: string;
    readonly connection: string;
    readonly expiredBefore: Date;
  },
): Promise<boolean> {
  const { tenant, token, connection, expiredBefore } = use;
  const params = [tenant, hashOf(token), tx.now, connection, expiredBefore];
  return (await tx.query(connectTokensSql.use, params)).length > 0;
}

/** False where there was none to revoke. */
export async function revokeConnectToken(tx: Tx, tenant: TenantId, hash: Uint8Array): Promise<boolean> {
  return (await tx.query(connectTokensSql.revoke, [tenant, hash, tx.now])).length > 0;
}

/** Newest first. */
export function listConnectTokens(db: Directory, tenant: TenantId, limit: number): Promise<ConnectTokenRow[]> {
  return db.query<ConnectTokenRow>(connectTokensSql.list, [tenant, limit]);
}
