import type { AsUserPermissions, Standing } from '../../connectors/index.ts';
import type { ConnectionId, TenantId } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { PrincipalLinkRow } from '../../store/index.ts';
import type { Targets } from '../sync/targets.ts';

/** A session that the principal signed in for, of the one it is linked to, with the standing that the provider tells there. */
export interface OwnSession {
  readonly asUser: AsUserPermissions;
  readonly standing: Standing;
}

/** Null where there is none: nobody signed in, the provider tells nothing so, or the sign-in is somebody else's. */
export async function ownSession(
  targets: Pick<Targets, 'asUser'>,
  about: {
    readonly tenant: TenantId;
    readonly connection: ConnectionId;
    readonly principal: string;
    readonly link: PrincipalLinkRow;
  },
  objects: readonly NativeObject[],
): Promise<OwnSession | null> {
  const { tenant, connection, principal, link } = about;
  const asUser = (await targets.asUser(tenant, connection, principal, 'interactive'))?.permissions?.asUser;
  if (asUser === undefined) return null;
  const standing = await asUser.readStanding(objects);
  return standing.user === link.sourceUser ? { asUser, standing } : null;
}
