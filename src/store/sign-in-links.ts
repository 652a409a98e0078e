import { createHash } from 'node:crypto';
import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

export const signInLinksSql = {
  add: `insert into sign_in_link (hash, tenant, principal, created_by, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6)`,
  // The token tells the tenant, hence no tenant in the condition.
  take: `update sign_in_link set used_at = $2 where hash = $1 and used_at is null and expires_at > $2
    returning tenant, principal`,
  sweep: 'delete from sign_in_link where expires_at < $1',
} as const;

/** Tokens are 32 random bytes, so a plain hash is enough. */
const hashOf = (token: string): Uint8Array => new Uint8Array(createHash('sha256').update(token).digest());

export interface NewSignInLink {
  readonly token: string;
  readonly tenant: TenantId;
  readonly principal: string;
  readonly by: string;
  readonly expiresAt: Date;
}

/** Clears away those that ended. `tx` is a plain transaction. */
export async function addSignInLink(tx: Tx, link: NewSignInLink): Promise<void> {
  await tx.query(signInLinksSql.sweep, [tx.now]);
  const { token, tenant, principal, by, expiresAt } = link;
  await tx.query(signInLinksSql.add, [hashOf(token), tenant, principal, by, tx.now, expiresAt]);
}

/** Once only: null when unknown, expired or used before. */
export async function takeSignInLink(
  tx: Tx,
  token: string,
): Promise<{ readonly tenant: TenantId; readonly principal: string } | null> {
  const [row] = await tx.query<{ tenant: TenantId; principal: string }>(signInLinksSql.take, [hashOf(token), tx.now]);
  return row ?? null;
}
