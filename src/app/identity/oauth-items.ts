import type { OauthItems } from '../../identity/index.ts';
import {
  consumeOauthItem,
  findOauthItem,
  findOauthItemByUid,
  keepOauthItem,
  removeOauthGrant,
  removeOauthItem,
  type Db,
} from '../../store/index.ts';
import { accountIn } from './accounts.ts';

/** What the authorization server remembers, in the database: any process answers the next request. */
export function createOauthItems(db: Db): OauthItems {
  return {
    keep: (kind, id, { payload, grantId, uid, accountId, expiresInS }) =>
      db.tx(async (tx) => {
        const expiresAt = expiresInS === null ? null : new Date(tx.now.getTime() + expiresInS * 1_000);
        const tenant = accountId === null ? null : (accountIn(accountId)?.tenant ?? null);
        await keepOauthItem(tx, { kind, id, tenant, grantId, uid, payload, expiresAt });
      }, 'identity.keep_item'),
    find: (kind, id) => findOauthItem(db, kind, id),
    findByUid: (kind, uid) => findOauthItemByUid(db, kind, uid),
    consume: (kind, id) => db.tx((tx) => consumeOauthItem(tx, kind, id), 'identity.consume_item'),
    remove: (kind, id) => db.tx((tx) => removeOauthItem(tx, kind, id), 'identity.remove_item'),
    removeGrant: (grantId) => db.tx((tx) => removeOauthGrant(tx, grantId), 'identity.remove_grant'),
  };
}
