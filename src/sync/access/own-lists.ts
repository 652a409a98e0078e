import { limits } from '../../kernel/index.ts';
import type { AsUserPermissions } from '../../connectors/index.ts';
import { endOwnLists } from '../../store/index.ts';
import { createOwnSessions, isOwnFailure, ownUsers, type OwnUser, type SessionOf } from './own-sessions.ts';
import { linkGrantee } from './read-standings.ts';
import { settleOwnLists, type OwnList } from './settle-own-lists.ts';
import { isDue, keepInTurn, readKnown, timeNow, type AccessObject, type TurnContext } from './turn-context.ts';

/**
 * Ids of all records as each linked user is shown them, with the user's own
 * sign-in. Lists of many users are put together before anything is kept: each
 * record gets another class once, and none where nothing has changed. Raises
 * the first failure, after what could be listed was kept.
 */
export async function readOwnLists(context: TurnContext): Promise<void> {
  const { objects, now } = await readKnown(context);
  const asked = objects.filter(({ strategy, passPlace }) => strategy === 'as_user' && passPlace === null);
  if (asked.length === 0) return;
  const users = await ownUsers(context);
  const sessionOf = createOwnSessions(context);
  let failure: unknown = null;
  for (const object of asked) {
    const due = users.filter((user) => {
      const row = user.objects.get(object.object);
      return row !== undefined && isDue(context, row.listedAt, now, context.intervals.refreshMs);
    });
    failure ??= await listAll(context, object, due, sessionOf);
  }
  if (failure !== null) throw failure;
}

/** Returns what went wrong for single users; null: nothing did. */
async function listAll(
  context: TurnContext,
  object: AccessObject,
  due: readonly OwnUser[],
  sessionOf: SessionOf,
): Promise<unknown> {
  let lists: OwnList[] = [];
  let failure: unknown = null;
  const keep = async (): Promise<void> => {
    await settleOwnLists(context, object, lists);
    await keepEnd(context, object, lists);
    lists = [];
  };
  for (let at = 0; at < due.length; at += limits.accessOwnListGroup) {
    const askedAt = await timeNow(context);
    const group = due.slice(at, at + limits.accessOwnListGroup);
    const found = await sessionOf.each(group, (user, asUser) => listAs(context, object, user, asUser, askedAt));
    lists.push(...found.flatMap((each) => (each.kind === 'done' ? [each.result] : [])));
    const [failed] = found.flatMap((each) => (each.kind === 'failed' ? [each.error] : []));
    failure ??= failed ?? null;
    // What is not a single user's is everybody's: asking on would only be refused.
    if (failed !== undefined && !isOwnFailure(failed)) break;
    if (lists.reduce((sum, { ids }) => sum + ids.size, 0) > limits.accessOwnIdsMax) await keep();
  }
  await keep();
  return failure;
}

async function listAs(
  context: TurnContext,
  object: AccessObject,
  { link }: OwnUser,
  asUser: AsUserPermissions,
  askedAt: Date,
): Promise<OwnList> {
  const { clock } = context.deps;
  const ids = new Set<string>();
  let heldMs = clock.monotonicMs();
  let place: string | null = null;
  for (let more = true; more;) {
    const page = await asUser.listIds(object.schema, place);
    for (const id of page.ids) ids.add(id);
    place = page.ids.at(-1) ?? place;
    more = page.more && page.ids.length > 0;
    if (more && clock.monotonicMs() - heldMs > limits.accessLeaseMs / 4) {
      await keepInTurn(context, 'access.hold_own_list', () => Promise.resolve());
      heldMs = clock.monotonicMs();
    }
  }
  return { principal: link.principal, grantee: linkGrantee(link), ids, askedAt };
}

async function keepEnd(context: TurnContext, { object }: AccessObject, lists: readonly OwnList[]): Promise<void> {
  const groups = new Map<Date, string[]>();
  for (const { principal, askedAt } of lists) groups.set(askedAt, [...(groups.get(askedAt) ?? []), principal]);
  if (groups.size === 0) return;
  await keepInTurn(context, 'access.end_own_lists', async (tx) => {
    for (const [listedAt, principals] of groups) {
      await endOwnLists(tx, context.key, { object, principals, listedAt });
    }
  });
}
