import { limits } from '../../kernel/index.ts';
import type { AsUserPermissions } from '../../connectors/index.ts';
import {
  classMembers,
  forgetShown,
  internClasses,
  moveOwnList,
  noteShown,
  notShown,
  queuedAmong,
  readClasses,
  recordsOfClasses,
  setClasses,
  settleChildren,
  visibleClasses,
  type AccessKey,
  type StandingKey,
  type Tx,
} from '../../store/index.ts';
import { asUserOf, ownUsers, type OwnUser } from './own-sessions.ts';
import { linkGrantee } from './read-standings.ts';
import { isDue, keepInTurn, readKnown, timeNow, type AccessObject, type TurnContext } from './turn-context.ts';

/**
 * Ids of all records as each linked user is shown them, with the user's own
 * sign-in. What was not in a complete list is not shown any more; only what
 * differs is written. A list is taken up where it ended.
 */
export async function readOwnLists(context: TurnContext): Promise<void> {
  const { objects, now } = await readKnown(context);
  const asked = objects.filter(({ strategy, passPlace }) => strategy === 'as_user' && passPlace === null);
  if (asked.length === 0) return;
  for (const user of await ownUsers(context)) {
    const due = asked.filter(({ object }) => {
      const row = user.objects.get(object);
      if (row === undefined) return false;
      return row.listStartedAt !== null || isDue(context, row.listedAt, now, limits.accessRefreshMs);
    });
    if (due.length === 0) continue;
    const asUser = await asUserOf(context, user);
    if (asUser === null) continue;
    for (const object of due) await readOwnList(context, user, object, asUser);
  }
}

async function readOwnList(
  context: TurnContext,
  user: OwnUser,
  object: AccessObject,
  asUser: AsUserPermissions,
): Promise<void> {
  const { link } = user;
  const at: StandingKey = { ...context.key, principal: link.principal, object: object.object };
  const stream = { tenant: context.key.tenant, stream: object.stream };
  const { startedAt, place: from } = await beginList(context, user, at, stream);
  let place = from;
  for (let more = true; more;) {
    const page = await asUser.listIds(object.schema, place);
    const last = page.ids.at(-1) ?? place;
    await keepInTurn(context, 'access.keep_own_ids', async (tx) => {
      await noteShown(tx, stream, link.id, page.ids);
      // What changed since may be of before the change here: it is asked for by itself.
      const waiting = await queuedAmong(tx, stream, page.ids);
      await show(
        tx,
        context.key,
        stream,
        linkGrantee(link),
        page.ids.filter((id) => !waiting.has(id)),
      );
      await moveOwnList(tx, at, { startedAt, place: last, listedAt: null });
    });
    place = last;
    more = page.more && page.ids.length > 0;
  }
  let after: string | null = '';
  while (after !== null) after = await hideUnlisted(context, user, stream, after);
  await keepInTurn(context, 'access.end_own_list', async (tx) => {
    await forgetShown(tx, stream, link.id);
    await moveOwnList(tx, at, { startedAt: null, place: null, listedAt: startedAt });
  });
}

type Stream = { readonly tenant: AccessKey['tenant']; readonly stream: AccessObject['stream'] };

async function beginList(
  context: TurnContext,
  { link, objects }: OwnUser,
  at: StandingKey,
  stream: Stream,
): Promise<{ readonly startedAt: Date; readonly place: string | null }> {
  const row = objects.get(at.object);
  if (row !== undefined && row.listStartedAt !== null) return { startedAt: row.listStartedAt, place: row.listPlace };
  const startedAt = await timeNow(context);
  await keepInTurn(context, 'access.begin_own_list', async (tx) => {
    await forgetShown(tx, stream, link.id);
    await moveOwnList(tx, at, { startedAt, place: null, listedAt: null });
  });
  return { startedAt, place: null };
}

/** Those of the records that the user was not shown here yet are from now on. */
async function show(tx: Tx, key: AccessKey, stream: Stream, grantee: string, ids: readonly string[]): Promise<void> {
  const records = [...(await readClasses(tx, stream, ids)).values()].filter(({ deleted }) => !deleted);
  await reclass(tx, key, stream, records, (members) => [...members, grantee]);
}

/** Returns the place to go on after; null: all were looked at. */
function hideUnlisted(
  context: TurnContext,
  { link }: OwnUser,
  stream: Stream,
  afterId: string,
): Promise<string | null> {
  const { key } = context;
  const grantee = linkGrantee(link);
  return keepInTurn(context, 'access.hide_unlisted', async (tx) => {
    const classes = await visibleClasses(tx, key, [grantee]);
    const records = await recordsOfClasses(tx, stream, { afterId, classes, limit: limits.accessPortion });
    const gone = new Set(
      await notShown(
        tx,
        stream,
        link.id,
        records.map(({ id }) => id),
      ),
    );
    const hidden = records.filter(({ id }) => gone.has(id));
    await reclass(tx, key, stream, hidden, (members) => members.filter((each) => each !== grantee));
    return records.length < limits.accessPortion ? null : (records.at(-1)?.id ?? null);
  });
}

async function reclass(
  tx: Tx,
  key: AccessKey,
  stream: Stream,
  records: readonly { readonly id: string; readonly acl: number | null }[],
  change: (members: readonly string[]) => readonly string[],
): Promise<void> {
  const before = [...new Set(records.map(({ acl }) => acl))];
  const members = await classMembers(
    tx,
    key,
    before.filter((acl) => acl !== null),
  );
  const after = await internClasses(
    tx,
    key,
    before.map((acl) => change(acl === null ? [] : (members.get(acl) ?? []))),
  );
  const classOf = new Map(before.map((acl, index) => [acl, after[index] ?? null]));
  const changed = await setClasses(tx, stream, new Map(records.map(({ id, acl }) => [id, classOf.get(acl) ?? null])));
  await settleChildren(tx, key, stream.stream, changed);
}
