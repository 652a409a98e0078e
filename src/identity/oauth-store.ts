import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { JsonObject } from '../kernel/index.ts';

/** Where the authorization server remembers things, of one kind (`Session`, `Grant` ...). Implemented by src/app over the store. */
export interface OauthItems {
  keep(
    kind: string,
    id: string,
    item: {
      readonly payload: JsonObject;
      readonly grantId: string | null;
      readonly uid: string | null;
      readonly accountId: string | null;
      readonly expiresInS: number | null;
    },
  ): Promise<void>;
  find(kind: string, id: string): Promise<FoundItem | null>;
  findByUid(kind: string, uid: string): Promise<FoundItem | null>;
  /** False: somebody was first. */
  consume(kind: string, id: string): Promise<boolean>;
  remove(kind: string, id: string): Promise<void>;
  removeGrant(grantId: string): Promise<void>;
}

export interface FoundItem {
  readonly payload: JsonObject;
  readonly consumedAt: Date | null;
}

/**
 * How `oidc-provider` keeps things, over one table. The ids of codes, refresh
 * tokens and sessions are what their holders present: they are left out of
 * what is kept, and come back with whoever asks by them.
 */
export function oauthAdapter(kind: string, items: OauthItems): Adapter {
  return {
    async upsert(id, { jti: _id, ...payload }, expiresIn) {
      await items.keep(kind, id, {
        payload: JSON.parse(JSON.stringify(withoutCookie(payload))) as JsonObject,
        grantId: payload.grantId ?? null,
        uid: payload.uid ?? null,
        accountId: payload.accountId ?? null,
        expiresInS: typeof expiresIn === 'number' && Number.isFinite(expiresIn) ? expiresIn : null,
      });
    },
    async find(id) {
      const found = await items.find(kind, id);
      if (found === null) return undefined;
      const consumed = found.consumedAt === null ? {} : { consumed: Math.floor(found.consumedAt.getTime() / 1_000) };
      return { ...(found.payload as AdapterPayload), jti: id, ...consumed };
    },
    // Only to look at: what is found so has lost the id by which it could be changed.
    findByUid: async (uid) => (await items.findByUid(kind, uid))?.payload,
    async consume(id) {
      // The library looked before whether it was used; of two that looked at once only one goes on.
      if (!(await items.consume(kind, id))) throw new errors.InvalidGrant('already used');
    },
    destroy: (id) => items.remove(kind, id),
    revokeByGrantId: (grantId) => items.removeGrant(grantId),
    // Devices are not on: nobody asks so.
    findByUserCode: async () => undefined,
  };
}

/** A sign-in under way names the session that it began in by its number; the library adds the cookie's value, and never looks at it. */
function withoutCookie(payload: AdapterPayload): AdapterPayload {
  if (payload.session === undefined) return payload;
  const { cookie: _value, ...session } = payload.session as typeof payload.session & { readonly cookie?: string };
  return { ...payload, session };
}
