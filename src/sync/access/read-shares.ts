import { GantryError, limits } from '../../kernel/index.ts';
import type { SessionPermissions, SharePage } from '../../connectors/index.ts';
import {
  confirmShares,
  hasDoubtedShares,
  keepShares,
  moveShareList,
  moveShares,
  readAccessStream,
  unlistedShares,
} from '../../store/index.ts';
import { settleNamed } from './keep-classes.ts';
import { isDue, keepInTurn, readKnown, timeNow, type AccessObject, type TurnContext } from './turn-context.ts';

/**
 * Shares beside the records, in the order of their change, and now and then the
 * list of all that exist: what has ended without a word, and what the owner's
 * change left in doubt, is known after it. Each page commits with its place.
 */
export async function readShares(context: TurnContext): Promise<void> {
  const { objects, now } = await readKnown(context);
  for (const object of objects) {
    if (object.strategy !== 'shares') continue;
    if (isDue(context, object.sharesAt, now, context.intervals.refreshMs)) await readChangedShares(context, object);
    await listShares(context, object);
  }
}

async function readChangedShares(context: TurnContext, object: AccessObject): Promise<void> {
  for (let more = true; more;) {
    const [page, askedAt] = await sharePage(context, object);
    if (page === null) return;
    await keepInTurn(context, 'access.keep_shares', async (tx) => {
      const at = { tenant: context.key.tenant, stream: object.stream };
      const names = await keepShares(tx, at, {
        present: page.shares.filter(({ ended }) => !ended),
        ended: page.shares.filter(({ ended }) => ended).map(({ id }) => id),
        askedAt,
      });
      await settleNamed(tx, context.key, object.stream, names);
      await moveShares(tx, at, { cursor: page.cursor, sharesAt: page.more ? null : reached(context, page, tx.now) });
    });
    more = page.more;
  }
}

/** The next page, from the beginning where the provider, or what shares mean, is not what it was. */
async function sharePage(context: TurnContext, object: AccessObject): Promise<[SharePage | null, Date]> {
  const { deps, key, permissions } = context;
  const { access, now: askedAt } = await readKnown(context);
  const row = await deps.db.tenantRead(key.tenant, (tx) =>
    readAccessStream(tx, { tenant: key.tenant, stream: object.stream }),
  );
  const cursor = row?.shareCursor ?? null;
  if (permissions?.readShares === undefined || access.facts === null) return [null, askedAt];
  try {
    return [await permissions.readShares(object.schema, cursor, access.facts), askedAt];
  } catch (error) {
    if (cursor === null || !(error instanceof GantryError) || error.code !== 'cursor_expired') throw error;
    return [await permissions.readShares(object.schema, null, access.facts), askedAt];
  }
}

/** By the database's time, however far off the clock of this process is: only how long ago it asked is its own. */
const reached = ({ deps }: TurnContext, { readAt }: SharePage, now: Date): Date =>
  new Date(now.getTime() - (deps.clock.now().getTime() - readAt.getTime()));

async function listShares(context: TurnContext, object: AccessObject): Promise<void> {
  const { permissions } = context;
  if (permissions === null) return;
  const { listShareIds } = permissions;
  if (listShareIds === undefined) return keepWithoutList(context, object);
  // One that was under way may be older than what is wanted: after it there is another one, which is not.
  for (let isOlder = true; isOlder;) {
    const list = await beginList(context, object);
    if (list === null) return;
    await listAll(context, object, list, listShareIds);
    isOlder = list.startedAt < context.startedAt;
  }
}

/** Pages of changes tell of every end: they are the list. */
async function keepWithoutList(context: TurnContext, { stream }: AccessObject): Promise<void> {
  const at = { tenant: context.key.tenant, stream };
  await keepInTurn(context, 'access.shares_without_list', async (tx) => {
    const endedAt = (await readAccessStream(tx, at))?.sharesAt ?? null;
    await moveShareList(tx, at, { startedAt: null, place: null, endedAt });
  });
}

interface ShareList {
  readonly startedAt: Date;
  readonly place: string | null;
}

async function listAll(
  context: TurnContext,
  object: AccessObject,
  list: ShareList,
  idsAfter: NonNullable<SessionPermissions['listShareIds']>,
): Promise<void> {
  const { key } = context;
  let place = list.place;
  for (let more = true; more;) {
    const page = await idsAfter(object.schema, place);
    const last = page.ids.at(-1) ?? place;
    await keepInTurn(context, 'access.keep_share_ids', async (tx) => {
      const at = { tenant: key.tenant, stream: object.stream };
      await settleNamed(tx, key, object.stream, await confirmShares(tx, at, page.ids, list.startedAt));
      await moveShareList(tx, at, { startedAt: list.startedAt, place: last, endedAt: null });
    });
    place = last;
    more = page.more && page.ids.length > 0;
  }
  while (await endUnlisted(context, object, list.startedAt));
}

/** Where it is due: begun, or gone on with. */
async function beginList(context: TurnContext, object: AccessObject): Promise<ShareList | null> {
  const { listMs, doubtedListMs } = context.intervals;
  const askedAt = await timeNow(context);
  return keepInTurn(context, 'access.begin_share_list', async (tx) => {
    const at = { tenant: context.key.tenant, stream: object.stream };
    const row = await readAccessStream(tx, at);
    // The feed comes first: a list says nothing of shares that were never read.
    if (row === null || row.sharesAt === null) return null;
    if (row.listStartedAt !== null) return { startedAt: row.listStartedAt, place: row.listPlace };
    const everyMs = (await hasDoubtedShares(tx, at)) ? doubtedListMs : listMs;
    if (!isDue(context, row.listedAt, tx.now, everyMs)) return null;
    await moveShareList(tx, at, { startedAt: askedAt, place: null, endedAt: null });
    return { startedAt: askedAt, place: null };
  });
}

/** What the whole list did not name has ended. True: there are more. */
function endUnlisted(context: TurnContext, object: AccessObject, startedAt: Date): Promise<boolean> {
  return keepInTurn(context, 'access.end_shares', async (tx) => {
    const at = { tenant: context.key.tenant, stream: object.stream };
    const ended = await unlistedShares(tx, at, startedAt, limits.accessPortion);
    await keepShares(tx, at, { present: [], ended: ended.map(({ id }) => id), askedAt: tx.now });
    await settleNamed(
      tx,
      context.key,
      object.stream,
      ended.map(({ recordId }) => recordId),
    );
    if (ended.length >= limits.accessPortion) return true;
    await moveShareList(tx, at, { startedAt: null, place: null, endedAt: startedAt });
    return false;
  });
}
