import { limits } from '../../kernel/index.ts';
import {
  endRecheck,
  internClasses,
  noteShown,
  queuedAmong,
  readRecheck,
  setClasses,
  settleChildren,
} from '../../store/index.ts';
import { asUserOf, ownUsers, type OwnUser } from './own-sessions.ts';
import { linkGrantee } from './read-standings.ts';
import { keepInTurn, readKnown, timeNow, type AccessObject, type TurnContext } from './turn-context.ts';

/** Changed records are shown to those whom the provider shows them now: every linked user is asked about them. */
export async function recheckAsUsers(context: TurnContext): Promise<void> {
  const { objects } = await readKnown(context);
  for (const object of objects) {
    if (object.strategy !== 'as_user' || object.passPlace !== null) continue;
    for (let more = true; more;) more = await recheckPortion(context, object);
  }
}

/** True: there are more. */
async function recheckPortion(context: TurnContext, object: AccessObject): Promise<boolean> {
  const { deps, key } = context;
  const stream = { tenant: key.tenant, stream: object.stream };
  const queued = await deps.db.tenantRead(key.tenant, (tx) => readRecheck(tx, stream, limits.accessIdsMax));
  if (queued.length === 0) return false;
  const ids = queued.map(({ id }) => id);
  const askedAt = await timeNow(context);
  const shown = new Map<string, string[]>(ids.map((id) => [id, []]));
  const listing: { readonly user: OwnUser; readonly ids: readonly string[] }[] = [];
  for (const user of await ownUsers(context)) {
    const row = user.objects.get(object.object);
    const asUser = row === undefined ? null : await asUserOf(context, user).catch(() => null);
    // Who cannot be asked is shown nothing new before the next list.
    const visible = await asUser?.visible(object.schema, ids).catch(() => null);
    const own = ids.filter((id) => visible?.has(id) === true);
    for (const id of own) shown.get(id)?.push(linkGrantee(user.link));
    // A list that is under way may have passed their place.
    if (row !== undefined && row.listStartedAt !== null) listing.push({ user, ids: own });
  }
  await keepInTurn(context, 'access.keep_rechecked', async (tx) => {
    await endRecheck(tx, stream, ids, askedAt);
    // What changed again since is asked about again.
    const again = await queuedAmong(tx, stream, ids);
    const done = ids.filter((id) => !again.has(id));
    const classes = await internClasses(
      tx,
      key,
      done.map((id) => shown.get(id) ?? []),
    );
    const changed = await setClasses(tx, stream, new Map(done.map((id, index) => [id, classes[index] ?? null])));
    for (const { user, ids: own } of listing) await noteShown(tx, stream, user.link.id, own);
    await settleChildren(tx, key, object.stream, changed);
  });
  return queued.length >= limits.accessIdsMax;
}
