import type { AsUserPermissions } from '../../connectors/index.ts';
import {
  linksOfConnection,
  objectStandingsOfConnection,
  standingsOfConnection,
  type ObjectStandingRow,
  type PrincipalLinkRow,
} from '../../store/index.ts';
import type { TurnContext } from './turn-context.ts';

/** A linked user who can be asked for, and what of the connection's objects is shown to them at all. */
export interface OwnUser {
  readonly link: PrincipalLinkRow;
  /** By native object. */
  readonly objects: ReadonlyMap<string, ObjectStandingRow>;
}

/** Users whose own sign-in worked when it was last used. */
export async function ownUsers({ deps, key }: TurnContext): Promise<OwnUser[]> {
  return deps.db.tenantRead(key.tenant, async (tx) => {
    const working = new Set(
      (await standingsOfConnection(tx, key)).flatMap(({ state, principal }) =>
        state === 'fresh' || state === 'stale' ? [principal] : [],
      ),
    );
    const objects = new Map<string, Map<string, ObjectStandingRow>>();
    for (const row of await objectStandingsOfConnection(tx, key)) {
      if (!row.readable) continue;
      const own = objects.get(row.principal) ?? new Map<string, ObjectStandingRow>();
      objects.set(row.principal, own.set(row.object, row));
    }
    return (await linksOfConnection(tx, key)).flatMap((link) =>
      working.has(link.principal) ? [{ link, objects: objects.get(link.principal) ?? new Map() }] : [],
    );
  });
}

/** The user's own way to ask; null where there is none, or where it is the sign-in of somebody else. */
export async function asUserOf(
  { deps, key, turn, permissions }: TurnContext,
  { link }: OwnUser,
): Promise<AsUserPermissions | null> {
  const session = await deps.userSession(key.tenant, key.connection, link.principal, turn.askedAt !== null);
  const asUser = session?.permissions?.asUser;
  if (asUser === undefined) return null;
  // Where standings come by the sign-in itself, whose it is was seen with them.
  if (permissions?.readStandings === undefined) return asUser;
  return (await asUser.readStanding([])).user === link.sourceUser ? asUser : null;
}
