import { idAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { inSoql } from '../soql.ts';
import type { ObjectFacts } from './facts.ts';
import { aloneOf, lineOf, orgStandings, type OrgChart } from './org-chart.ts';
import { queried } from './org-rows.ts';
import { recordsShownTo } from './record-access.ts';

/** Users that are asked about, records of one question, and owners that are named in one query. */
const USERS_MAX = 3;
const RECORDS_MAX = 100;
const OWNERS_MAX = 150;

/** An object whose records are private, with shares. */
export interface ProbedObject extends Pick<ObjectFacts, 'accountLevel'> {
  readonly name: string;
  readonly share: { readonly object: string; readonly parent: string };
  /** Whether the user reads the object, and sees no more of it than sharing gives. */
  readonly restricted: (user: string) => boolean;
}

/**
 * Whether a custom object grants access by the role hierarchy ("Grant Access
 * Using Hierarchies") is told by no API. One user's access tells: who stands
 * above an owner, sees not all records, and is shown one that nobody shared, is
 * shown it for that reason. Where nobody and nothing can tell, it is taken as
 * not granted.
 */
export function grantsByHierarchy(context: SessionContext, object: ProbedObject, chart: OrgChart): Promise<boolean> {
  const standingOf = orgStandings(chart, { queuesHandOn: false });
  return isShownToSomebody(context, object, chart, (user) => standingOf(user).below);
}

/**
 * The same question of records that a queue owns. The documents leave it open
 * whether the row of a queue says it (Object Reference: `DoesIncludeBosses` is
 * of public groups only; Metadata API: queues have it, too): where bosses are
 * shown records of a queue whose row says no, the rows say nothing.
 */
export function queuesHandOn(context: SessionContext, object: ProbedObject, chart: OrgChart): Promise<boolean> {
  const standingOf = orgStandings(chart, { queuesHandOn: true });
  const queues = chart.groups.filter(({ type, bosses }) => type === 'Queue' && !bosses).map(({ id }) => id);
  return isShownToSomebody(context, object, chart, (user) => {
    const own = new Set(standingOf(user).grantees);
    return queues.filter((id) => own.has(lineOf(id)) && !own.has(aloneOf(id)));
  });
}

/** `ownersOf`: owners who are below the user, and whose records it is shown for no other reason. */
async function isShownToSomebody(
  context: SessionContext,
  object: ProbedObject,
  chart: OrgChart,
  ownersOf: (user: OrgChart['users'][number]) => readonly string[],
): Promise<boolean> {
  const asked = chart.users
    .filter(({ id, active, internal }) => active && internal && object.restricted(id))
    .map((user) => ({ user: user.id, owners: ownersOf(user).slice(0, OWNERS_MAX) }))
    .filter(({ owners }) => owners.length > 0)
    .toSorted((one, other) => other.owners.length - one.owners.length)
    .slice(0, USERS_MAX);
  for (const { user, owners } of asked) {
    const ids = await unsharedRecords(context, object, owners);
    if (ids.length > 0) return (await recordsShownTo(context, user, object, ids)).size > 0;
  }
  return false;
}

/** Records that these own, and that nobody else was given, neither themselves nor with an account. */
async function unsharedRecords(
  context: SessionContext,
  { name, share, accountLevel }: ProbedObject,
  owners: readonly string[],
): Promise<readonly string[]> {
  const only = `${inSoql('OwnerId', owners)}${accountLevel === null ? '' : ' AND AccountId = null'}`;
  const soql = `SELECT Id FROM ${name} WHERE ${only} ORDER BY Id LIMIT ${String(RECORDS_MAX)}`;
  const ids = (await queried(context, soql, name)).map((row) => idAt(row, 'Id', name));
  if (ids.length === 0) return [];
  const shares = await queried(
    context,
    `SELECT Id, ${share.parent} FROM ${share.object} WHERE RowCause != 'Owner' AND ${inSoql(share.parent, ids)}`,
    share.object,
  );
  const shared = new Set(shares.map((row) => textAt(row, share.parent)));
  return ids.filter((id) => !shared.has(id));
}
