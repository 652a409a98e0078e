import { concurrently, limits, toGantryError, type ErrorBody } from '../../kernel/index.ts';
import type { Standing } from '../../connectors/index.ts';
import {
  keepAccess,
  keepStanding,
  linksOfConnection,
  standingsOfConnection,
  type AccessKey,
  type PrincipalLinkRow,
  type StandingRow,
  type Tx,
} from '../../store/index.ts';
import { nextStandingState, type StandingEvent, type StandingState } from './access-state.ts';
import { signInEnded } from './own-sessions.ts';
import { isRefusal } from './plan-access.ts';
import { isDue, keepInTurn, readKnown, timeNow, type Known, type TurnContext } from './turn-context.ts';

/** A linked user as the provider shows it now, or why that is not known. */
interface Found {
  readonly link: PrincipalLinkRow;
  readonly event: StandingEvent;
  readonly standing: Standing | null;
  readonly error: ErrorBody | null;
  readonly askedAt: Date;
}

/**
 * Standings of all linked users of the connection: together, where the
 * connection's own user may ask for them, else one by one with their own
 * sign-ins. Returns how many were read.
 */
export async function readStandings(context: TurnContext): Promise<number> {
  const known = await readKnown(context);
  const { links, standings } = await linksAndStandings(context);
  const wanted = links.filter(({ principal }) => isWanted(context, known, standings.get(principal)));
  if (wanted.length === 0) return 0;
  const found = await askForAll(context, known, wanted);
  await keepFound(context, found);
  if (found.length === links.length) {
    await keepInTurn(context, 'access.keep_standings_time', (tx, access) =>
      keepAccess(tx, context.key.tenant, { ...access, standingsAt: oldest(found) }),
    );
  }
  return found.filter(({ standing }) => standing !== null).length;
}

const oldest = (found: readonly Found[]): Date | null =>
  found.map(({ askedAt }) => askedAt).toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;

/** Those that are due, and those that nobody has read yet. */
function isWanted(context: TurnContext, { now, access }: Known, standing: StandingRow | undefined): boolean {
  if (standing === undefined || standing.state === 'not_read') return true;
  return isDue(context, access.standingsAt, now, context.intervals.refreshMs);
}

async function linksAndStandings({ deps, key }: TurnContext): Promise<{
  readonly links: readonly PrincipalLinkRow[];
  readonly standings: ReadonlyMap<string, StandingRow>;
}> {
  return deps.db.tenantRead(key.tenant, async (tx) => ({
    links: await linksOfConnection(tx, key),
    standings: new Map((await standingsOfConnection(tx, key)).map((row) => [row.principal, row])),
  }));
}

async function askForAll(context: TurnContext, known: Known, links: readonly PrincipalLinkRow[]): Promise<Found[]> {
  const { permissions } = context;
  const askedAt = await timeNow(context);
  const together = new Map<string, Standing>();
  let refusal: ErrorBody | null = null;
  if (permissions?.readStandings !== undefined && known.access.facts !== null) {
    const users = [...new Set(links.map(({ sourceUser }) => sourceUser))];
    const objects = known.objects.map(({ schema }) => schema);
    try {
      const standings = await permissions.readStandings(users, objects, known.access.facts);
      for (const standing of standings) together.set(standing.user, standing);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal = toGantryError(error).toBody();
    }
  }
  return concurrently(links, limits.accessUsersAtOnce, async (link): Promise<Found> => {
    const standing = together.get(link.sourceUser);
    if (standing === undefined) return askAsUser(context, known, link, refusal);
    return { link, standing, error: null, askedAt, event: standing.active ? 'read' : 'found_inactive' };
  });
}

/** What only the user's own sign-in tells; without one, why the connection's could not. */
async function askAsUser(
  context: TurnContext,
  known: Known,
  link: PrincipalLinkRow,
  refusal: ErrorBody | null,
): Promise<Found> {
  const { deps, key, turn, permissions } = context;
  const askedAt = await timeNow(context);
  const lost = { link, standing: null, askedAt };
  try {
    const session = await deps.userSession(key.tenant, key.connection, link.principal, turn.askedAt !== null);
    const asUser = session?.permissions?.asUser;
    if (asUser !== undefined) {
      const standing = await asUser.readStanding(known.objects.map(({ schema }) => schema));
      // The sign-in of somebody else says nothing of whom the principal is linked to.
      if (standing.user === link.sourceUser) {
        return { link, standing, askedAt, error: null, event: standing.active ? 'read' : 'found_inactive' };
      }
    }
  } catch (error) {
    const failure = toGantryError(error);
    const event = signInEnded(failure) ? 'sign_in_missing' : isRefusal(error) ? 'refused' : 'failed';
    return { ...lost, event, error: failure.toBody() };
  }
  if (refusal !== null) return { ...lost, event: 'refused', error: refusal };
  // Where the connection's user was told of all others, the provider does not know this one.
  if (permissions?.readStandings !== undefined) return { ...lost, event: 'found_inactive', error: null };
  return { ...lost, event: 'sign_in_missing', error: null };
}

/** Some at a time: a transaction for each would cost more than the asking. */
async function keepFound(context: TurnContext, found: readonly Found[]): Promise<void> {
  const { key } = context;
  for (let start = 0; start < found.length; start += PORTION) {
    await keepInTurn(context, 'access.keep_standings', async (tx) => {
      const links = new Map((await linksOfConnection(tx, key)).map((link) => [link.principal, link.id]));
      const before = new Map((await standingsOfConnection(tx, key)).map((row) => [row.principal, row]));
      const fieldSets = new Map<string, number>();
      for (const each of found.slice(start, start + PORTION)) {
        const { id, principal } = each.link;
        // Linked to somebody else meanwhile: what was found is of another.
        if (links.get(principal) === id) await keepOne(tx, key, each, before.get(principal) ?? null, fieldSets);
      }
    });
  }
}

const PORTION = 50;

async function keepOne(
  tx: Tx,
  key: AccessKey,
  { link, event, standing, error, askedAt }: Found,
  before: StandingRow | null,
  fieldSets: Map<string, number>,
): Promise<void> {
  const state = nextStandingState((before?.state ?? 'not_read') as StandingState, event);
  if (state === null) return;
  const isRead = standing?.active === true;
  const read = { grantees: isRead ? [...standing.grantees, linkGrantee(link)] : [], readAt: askedAt };
  // A failure leaves what was read, with its age.
  const { grantees, readAt } = event === 'failed' ? (before ?? { grantees: [], readAt: null }) : read;
  const objects = isRead
    ? [...standing.objects].map(([object, { seesAll, fields }]) => ({ object, seesAll, fields: [...fields] }))
    : null;
  const row = { principal: link.principal, state, grantees, readAt, lastError: error };
  await keepStanding(tx, key, row, objects, fieldSets);
}

/** The user as ids asked for as the user name it; in no connector's alphabet. */
export const linkGrantee = ({ id }: Pick<PrincipalLinkRow, 'id'>): string => `link:${String(id)}`;
