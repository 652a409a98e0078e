import { concurrently, GantryError, limits } from '../../kernel/index.ts';
import type { AsUserPermissions } from '../../connectors/index.ts';
import {
  linksOfConnection,
  objectStandingsOfConnection,
  standingsOfConnection,
  type ObjectStandingRow,
  type PrincipalLinkRow,
} from '../../store/index.ts';
import { isRefusal } from './plan-access.ts';
import { TurnOver, type TurnContext } from './turn-context.ts';

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

/** What came of asking as a user. `absent`: the user has no way to ask. */
export type Asked<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Users' own ways to ask, each opened once in a turn. */
export interface SessionOf {
  /** Asks as each of these users, some at a time, and goes on where one of them fails; in their order. */
  each<Result>(
    users: readonly OwnUser[],
    ask: (user: OwnUser, asUser: AsUserPermissions) => Promise<Result>,
  ): Promise<Asked<Result>[]>;
}

export function createOwnSessions(context: TurnContext): SessionOf {
  const opened = new Map<string, Promise<AsUserPermissions | null>>();
  const open = (user: OwnUser): Promise<AsUserPermissions | null> => {
    const known = opened.get(user.link.principal) ?? asUserOf(context, user);
    opened.set(user.link.principal, known);
    return known;
  };
  return {
    each: (users, ask) =>
      concurrently(users, limits.accessUsersAtOnce, async (user) => {
        try {
          const asUser = await open(user);
          return asUser === null ? { kind: 'absent' } : { kind: 'done', result: await ask(user, asUser) };
        } catch (error) {
          if (error instanceof TurnOver) throw error;
          return { kind: 'failed', error };
        }
      }),
  };
}

/** The user's own way to ask; null where there is none, or where it is the sign-in of somebody else. */
async function asUserOf(
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

/** The sign-in of that user only: others can be asked for all the same. */
export const isOwnFailure = (error: unknown): boolean =>
  isRefusal(error) || (error instanceof GantryError && signInEnded(error));

export const signInEnded = (error: GantryError): boolean =>
  error.code === 'connection_reauth_required' || error.code === 'credentials_refused';
