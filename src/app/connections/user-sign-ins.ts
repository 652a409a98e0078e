import type { UserSignInUseCases } from '../../api/index.ts';
import { listUserSignIns, signInUser, signOutUser, type ConnectionDeps } from '../../connection/index.ts';
import { GantryError, type TenantId } from '../../kernel/index.ts';
import { findConnection } from '../../store/index.ts';
import { requireTenant } from './connection-use-cases.ts';
import type { OwnLinks } from '../access/own-links.ts';
import type { Targets } from '../sync/targets.ts';

/** Users' own sign-ins beside a connection's, as the REST door offers them. */
export function createUserSignIns(deps: {
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  /** Who somebody is there is known by the sign-in. */
  readonly ownLinks: OwnLinks;
}): UserSignInUseCases {
  const { connection, targets, ownLinks } = deps;
  const integrationOf = async (tenant: TenantId, slug: string): Promise<string> => {
    const row = await connection.db.tenantRead(tenant, (tx) => findConnection(tx, tenant, slug));
    if (row !== null) return row.integration;
    throw new GantryError('not_found', {
      message: `There is no connection "${slug.slice(0, 80)}".`,
      where: 'connection',
    });
  };
  return {
    signIn: async (_operator, request) => {
      const tenant = await requireTenant(connection.db, request.tenant);
      const integration = await targets.integration(await integrationOf(tenant, request.connection));
      const { userName } = await signInUser(connection, {
        ...targets.credentials(integration.name, integration.connector, request.loginUrl),
        tenant,
        slug: request.connection,
        integration: integration.name,
        principal: request.user,
        method: request.method,
        values: request.values,
      });
      // The sign-in is kept, whatever the system says of the user; an operator can link them as well.
      await ownLinks
        .signedIn({ tenant, connection: request.connection, principal: request.user, userName })
        .catch(noLink);
      return { connection: request.connection, user: request.user, account_user: userName };
    },
    list: async (_operator, request) => {
      const tenant = await requireTenant(connection.db, request.tenant);
      const rows = await listUserSignIns(connection, tenant, request.connection);
      return rows.map((row) => ({
        user: row.principal,
        account_user: row.userName,
        state: row.endedAt === null ? 'working' : 'ended',
        renewed_at: row.updatedAt.toISOString(),
        ends_at: row.endsAt?.toISOString() ?? null,
      }));
    },
    signOut: async (_operator, request) => {
      const tenant = await requireTenant(connection.db, request.tenant);
      await signOutUser(connection, { tenant, slug: request.connection, principal: request.user });
      await ownLinks.signedOut({ tenant, connection: request.connection, principal: request.user });
    },
  };
}

function noLink(error: unknown): void {
  if (!(error instanceof GantryError)) throw error;
}
