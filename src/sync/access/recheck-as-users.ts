import { limits } from '../../kernel/index.ts';
import { endRecheck, internClasses, queuedAmong, readRecheck, setClasses, settleChildren } from '../../store/index.ts';
import { createOwnSessions, ownUsers, type OwnUser, type SessionOf } from './own-sessions.ts';
import { linkGrantee } from './read-standings.ts';
import { keepInTurn, readKnown, timeNow, type AccessObject, type TurnContext } from './turn-context.ts';

/** Changed records are shown to those whom the provider shows them now: every linked user is asked about them. */
export async function recheckAsUsers(context: TurnContext): Promise<void> {
  const { objects } = await readKnown(context);
  const sessionOf = createOwnSessions(context);
  for (const object of objects) {
    if (object.strategy !== 'as_user' || object.passPlace !== null) continue;
    for (let more = true; more;) more = await recheckPortion(context, object, sessionOf);
  }
}

/** True: there are more. */
async function recheckPortion(context: TurnContext, object: AccessObject, sessionOf: SessionOf): Promise<boolean> {
  const { deps, key } = context;
  const stream = { tenant: key.tenant, stream: object.stream };
  const queued = await deps.db.tenantRead(key.tenant, (tx) => readRecheck(tx, stream, limits.accessIdsMax));
  if (queued.length === 0) return false;
  const ids = queued.map(({ id }) => id);
  const askedAt = await timeNow(context);
  const shown = new Map<string, string[]>(ids.map((id) => [id, []]));
  const users = (await ownUsers(context)).filter((user: OwnUser) => user.objects.has(object.object));
  const asked = await sessionOf.each(users, (_user, asUser) => asUser.visible(object.schema, ids));
  for (const [at, { link }] of users.entries()) {
    const answer = asked[at];
    // Who cannot be asked is shown nothing new before the next list.
    if (answer?.kind !== 'done') continue;
    for (const id of ids) if (answer.result.has(id)) shown.get(id)?.push(linkGrantee(link));
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
    await settleChildren(tx, key, object.stream, changed);
  });
  return queued.length >= limits.accessIdsMax;
}
