import type { TenantId } from '../../kernel/index.ts';
import {
  findConnection,
  linkPrincipal,
  linksOfPrincipal,
  unlinkPrincipal,
  wantAccessTurn,
  type Db,
} from '../../store/index.ts';
import type { Targets } from '../sync/targets.ts';

export interface OwnSignIn {
  readonly tenant: TenantId;
  /** Slug. */
  readonly connection: string;
  readonly principal: string;
}

/** A user who signed in to a system has said who they are there. */
export interface OwnLinks {
  /** Links the user by its own sign-in, which was just kept; not where the system does not say who that is. */
  signedIn(signIn: OwnSignIn & { readonly userName: string }): Promise<void>;
  /** The link that came of the sign-in goes with it. */
  signedOut(signIn: OwnSignIn): Promise<void>;
}

const BY = 'own sign-in';

export function createOwnLinks(deps: {
  readonly db: Db;
  readonly targets: Pick<Targets, 'asUser'>;
  readonly wake: () => void;
}): OwnLinks {
  const { db, targets, wake } = deps;
  const idOf = async ({ tenant, connection }: OwnSignIn) =>
    (await db.tenantRead(tenant, (tx) => findConnection(tx, tenant, connection)))?.id ?? null;
  return {
    signedIn: async (signIn) => {
      const { tenant, principal, userName } = signIn;
      const connection = await idOf(signIn);
      if (connection === null) return;
      const session = await targets.asUser(tenant, connection, principal, 'interactive');
      const standing = await session?.permissions?.asUser?.readStanding([]);
      if (standing === undefined) return;
      const link = { principal, sourceUser: standing.user, sourceName: userName, attributes: {}, linkedBy: BY };
      await db.tenantTx(
        tenant,
        async (tx) => {
          const before = (await linksOfPrincipal(tx, tenant, principal)).find((each) => each.connection === connection);
          const attributes = before?.sourceUser === standing.user ? before.attributes : {};
          await linkPrincipal(tx, { tenant, connection }, { ...link, attributes });
          await wantAccessTurn(tx, { tenant, connection }, tx.now);
        },
        'access.link_own_sign_in',
      );
      wake();
    },
    signedOut: async (signIn) => {
      const { tenant, principal } = signIn;
      const connection = await idOf(signIn);
      if (connection === null) return;
      await db.tenantTx(
        tenant,
        async (tx) => {
          const links = await linksOfPrincipal(tx, tenant, principal);
          const link = links.find((each) => each.connection === connection);
          if (link?.linkedBy === BY) await unlinkPrincipal(tx, { tenant, connection }, principal);
          // What only the sign-in told is not known any more.
          await wantAccessTurn(tx, { tenant, connection }, tx.now);
        },
        'access.unlink_own_sign_in',
      );
      wake();
    },
  };
}
