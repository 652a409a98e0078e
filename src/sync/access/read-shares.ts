import { GantryError, limits } from '../../kernel/index.ts';
import type { SharePage } from '../../connectors/index.ts';
import {
  confirmShares,
  hasDoubtedShares,
  keepShares,
  moveShareList,
  moveShares,
  readAccessStream,
  recordsNamed,
  settleClasses,
  unlistedShares,
  type AccessKey,
  type Tx,
} from '../../store/index.ts';
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
      await settleNamed(tx, context.key, object, names);
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

async function settleNamed(tx: Tx, key: AccessKey, object: AccessObject, names: readonly string[]): Promise<void> {
  const ids = await recordsNamed(tx, { tenant: key.tenant, stream: object.stream }, names);
  await settleClasses(tx, key, object.stream, ids);
}

async function listShares(context: TurnContext, object: AccessObject): Promise<void> {
  const { key, permissions } = context;
  if (permissions?.listShareIds === undefined) return;
  const list = await beginList(context, object);
  if (list === null) return;
  let place = list.place;
  for (let more = true; more;) {
    const page = await permissions.listShareIds(object.schema, place);
    const last = page.ids.at(-1) ?? place;
    await keepInTurn(context, 'access.keep_share_ids', async (tx) => {
      const at = { tenant: key.tenant, stream: object.stream };
      await settleNamed(tx, key, object, await confirmShares(tx, at, page.ids, list.startedAt));
      await moveShareList(tx, at, { startedAt: list.startedAt, place: last, endedAt: null });
    });
    place = last;
    more = page.more && page.ids.length > 0;
  }
  while (await endUnlisted(context, object, list.startedAt));
}

/** Where it is due: begun, or gone on with. */
async function beginList(
  context: TurnContext,
  object: AccessObject,
): Promise<{ readonly startedAt: Date; readonly place: string | null } | null> {
  const askedAt = await timeNow(context);
  return keepInTurn(context, 'access.begin_share_list', async (tx) => {
    const at = { tenant: context.key.tenant, stream: object.stream };
    const row = await readAccessStream(tx, at);
    // The feed comes first: a list says nothing of shares that were never read.
    if (row === null || row.sharesAt === null) return null;
    if (row.listStartedAt !== null) return { startedAt: row.listStartedAt, place: row.listPlace };
    const everyMs = (await hasDoubtedShares(tx, at)) ? limits.accessDoubtedListMs : limits.accessListMs;
    if (row.listedAt !== null && tx.now.getTime() - row.listedAt.getTime() < everyMs) return null;
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
      object,
      ended.map(({ recordId }) => recordId),
    );
    if (ended.length >= limits.accessPortion) return true;
    await moveShareList(tx, at, { startedAt: null, place: null, endedAt: startedAt });
    return false;
  });
}
