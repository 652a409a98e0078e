import { createHash } from 'node:crypto';
import type { JsonObject, TenantId } from '../kernel/index.ts';
import { keyChannel } from './api-keys.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** What the authorization server remembers: a session, a grant, a code, a refresh token. */
export interface OauthItem {
  readonly payload: JsonObject;
  readonly consumedAt: Date | null;
}

export interface NewOauthItem {
  readonly kind: string;
  readonly id: string;
  readonly tenant: TenantId | null;
  readonly grantId: string | null;
  readonly uid: string | null;
  readonly payload: JsonObject;
  readonly expiresAt: Date | null;
}

const columns = 'payload, consumed_at as "consumedAt"';
const present = '(expires_at is null or expires_at > now())';

export const oauthItemsSql = {
  keep: `insert into oauth_item (kind, id, tenant, grant_id, uid, payload, expires_at)
    values ($1, $2, $3, $4, $5, $6::text::jsonb, $7)
    on conflict (kind, id) do update set tenant = excluded.tenant, grant_id = excluded.grant_id, uid = excluded.uid,
      payload = excluded.payload, expires_at = excluded.expires_at`,
  // The id tells whose it is, hence no tenant in the condition.
  find: `select ${columns} from oauth_item where kind = $1 and id = $2 and ${present}`,
  findByUid: `select ${columns} from oauth_item where kind = $1 and uid = $2 and ${present}`,
  // Of two that come at once with the same code or token, one is first.
  consume: `update oauth_item set consumed_at = $3 where kind = $1 and id = $2 and consumed_at is null returning kind`,
  remove: 'delete from oauth_item where kind = $1 and id = $2',
  removeUid: 'delete from oauth_item where kind = any($1::text[]) and uid = $2',
  removeGrant: 'delete from oauth_item where grant_id = $1',
  removeAccount: "delete from oauth_item where tenant = $1 and payload->>'accountId' = $2",
  sweep: 'delete from oauth_item where expires_at < $1',
  notify: 'select pg_notify($1, $2)',
} as const;

/** Ids are what their holders present; only hashes are kept. */
const hashOf = (id: string): Uint8Array => new Uint8Array(createHash('sha256').update(id).digest());

/** `tx` is a plain transaction, as in all here. */
export async function keepOauthItem(tx: Tx, item: NewOauthItem): Promise<void> {
  const { kind, id, tenant, grantId, uid, payload, expiresAt } = item;
  const params = [kind, hashOf(id), tenant, grantId, uid, JSON.stringify(payload), expiresAt];
  await tx.query(oauthItemsSql.keep, params);
}

/** Null: unknown or expired. */
export async function findOauthItem(db: Directory, kind: string, id: string): Promise<OauthItem | null> {
  return (await db.query<OauthItem>(oauthItemsSql.find, [kind, hashOf(id)]))[0] ?? null;
}

export async function findOauthItemByUid(db: Directory, kind: string, uid: string): Promise<OauthItem | null> {
  return (await db.query<OauthItem>(oauthItemsSql.findByUid, [kind, uid]))[0] ?? null;
}

/** False: somebody was first. */
export async function consumeOauthItem(tx: Tx, kind: string, id: string): Promise<boolean> {
  return (await tx.query(oauthItemsSql.consume, [kind, hashOf(id), tx.now])).length > 0;
}

/** Access tokens that stand on it are forgotten by all processes. */
export async function removeOauthItem(tx: Tx, kind: string, id: string): Promise<void> {
  await tx.query(oauthItemsSql.remove, [kind, hashOf(id)]);
  await tx.query(oauthItemsSql.notify, [keyChannel, '']);
}

/** Those of these kinds that one has. */
export async function removeOauthUid(tx: Tx, kinds: readonly string[], uid: string): Promise<void> {
  await tx.query(oauthItemsSql.removeUid, [[...kinds], uid]);
  await tx.query(oauthItemsSql.notify, [keyChannel, '']);
}

export async function removeOauthGrant(tx: Tx, grantId: string): Promise<void> {
  await tx.query(oauthItemsSql.removeGrant, [grantId]);
  await tx.query(oauthItemsSql.notify, [keyChannel, '']);
}

/** Sessions, grants and tokens of one account. */
export async function removeOauthAccount(tx: Tx, tenant: TenantId, accountId: string): Promise<void> {
  await tx.query(oauthItemsSql.removeAccount, [tenant, accountId]);
  await tx.query(oauthItemsSql.notify, [keyChannel, '']);
}

/** What ended before `tx.now` is cleared away. */
export async function sweepOauthItems(tx: Tx): Promise<void> {
  await tx.query(oauthItemsSql.sweep, [tx.now]);
}
