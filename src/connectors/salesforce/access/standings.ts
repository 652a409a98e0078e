import type { NativeObject } from '../../../schema/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { AccessFacts, Standing } from '../../permissions.ts';
import { activityTargets, settingsIn } from './facts.ts';
import { objectRights } from './object-rights.ts';
import { orgStandings } from './org-chart.ts';
import { isActive, readOrgChart } from './org-rows.ts';
import { readPermissionRows } from './permission-rows.ts';
import { allOf, isActivity, taggedWith } from './sharing-model.ts';

/** Of all these users at once: the calls grow with the org, not with the users asked about. */
export async function readStandings(
  context: SessionContext,
  users: readonly string[],
  objects: readonly NativeObject[],
  facts: AccessFacts,
): Promise<readonly Standing[]> {
  if (users.length === 0) return [];
  const [chart, rows] = await Promise.all([readOrgChart(context), readPermissionRows(context, users, objects)]);
  const standingOf = orgStandings(chart, settingsIn(facts));
  const rightsOf = objectRights(rows, objects, facts);
  const asked = new Set(users);
  return chart.users
    .filter(({ id }) => asked.has(id))
    .map((user) =>
      user.active
        ? withActivities(
            { user: user.id, active: true, grantees: standingOf(user).grantees, objects: rightsOf(user.id) },
            facts,
          )
        : { user: user.id, active: false, grantees: [], objects: new Map() },
    );
}

/** Six calls, whatever the size of the org: who else there is does not matter to fields. */
export async function fieldsShownTo(
  context: SessionContext,
  user: string,
  objects: readonly NativeObject[],
  facts: AccessFacts,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const [active, rows] = await Promise.all([isActive(context, user), readPermissionRows(context, [user], objects)]);
  if (!active) return new Map();
  const rights = objectRights(rows, objects, facts)(user);
  return new Map([...rights].map(([object, { fields }]) => [object, fields]));
}

/**
 * What activities need beside: grantees once more for each object that they may
 * be about and the user may read. Records that only follow others cannot be
 * told apart in that way: who may not read one such object is shown no activity.
 */
function withActivities(standing: Standing, facts: AccessFacts): Standing {
  const targets = activityTargets(facts);
  const tags = targets.flatMap(({ tag }) => (tag !== null && standing.objects.has(tag) ? [tag] : []));
  const grantees = [
    ...standing.grantees,
    ...tags.flatMap((tag) => standing.grantees.map((grantee) => taggedWith(tag, grantee))),
    ...targets.flatMap(({ object }) => (standing.objects.get(object)?.seesAll === true ? [allOf(object)] : [])),
  ];
  const isHidden = targets.some(({ object, tag }) => tag === null && !standing.objects.has(object));
  const objects = isHidden ? new Map([...standing.objects].filter(([name]) => !isActivity(name))) : standing.objects;
  return { ...standing, grantees, objects };
}
