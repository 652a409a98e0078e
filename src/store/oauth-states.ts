import { createHash } from 'node:crypto';
import { limits, type TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** What we have to remember between sending a person to the provider and their return. */
export interface OauthStateRow {
  readonly tenant: TenantId;
  /** Slug of the connection to be. */
  readonly connection: string;
  /** Sealed by the vault (PKCE verifier and the like). */
  readonly payload: Uint8Array;
}

export const oauthStatesSql = {
  add: `insert into oauth_state (state_hash, tenant, connection, payload, expires_at) values ($1, $2, $3, $4, $5)`,
  // The state itself tells the tenant: it comes back from the provider with nothing else.
  take: `update oauth_state set used_at = now() where state_hash = $1 and used_at is null and expires_at > now()
    returning tenant, connection, payload`,
  sweep: 'delete from oauth_state where expires_at < $1',
} as const;

/** `tx` is a plain transaction, not a tenant's. Valid for `limits.oauthStateTtlMs`. Clears away expired ones. */
export async function addOauthState(tx: Tx, state: OauthStateRow & { readonly state: string }): Promise<void> {
  const expiresAt = new Date(tx.now.getTime() + limits.oauthStateTtlMs);
  await tx.query(oauthStatesSql.sweep, [tx.now]);
  const params = [hashState(state.state), state.tenant, state.connection, state.payload, expiresAt];
  await tx.query(oauthStatesSql.add, params);
}

/** Once only: null when unknown, expired or used before. */
export async function takeOauthState(db: Directory, state: string): Promise<OauthStateRow | null> {
  return (await db.query<OauthStateRow>(oauthStatesSql.take, [hashState(state)]))[0] ?? null;
}

function hashState(state: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(state).digest());
}
