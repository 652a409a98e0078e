import { GantryError, limits, type JsonObject, type TenantId } from '../kernel/index.ts';
import { changeHead, readImages, readImagesAt } from '../store/index.ts';
import type { ChangeBell } from './change-bell.ts';
import type { SubscriptionDeps } from './deps.ts';
import { boundEvent, eventPayload } from './event-body.ts';
import { imageDays, imagesSince, leadsOn } from './kept-changes.ts';
import { checkHistory } from './manage.ts';
import { awaitsRights, readSpec, streamsOf, type EventWish } from './read-spec.ts';
import { viewChange, type Viewer } from './view-change.ts';

/** Who follows, as they are at this moment; null: the key is not good any more. */
export type AskViewer = () => Promise<Viewer | null>;

export type FeedItem =
  | { readonly kind: 'event'; readonly seq: number; readonly payload: JsonObject }
  /** Nothing happened, or nothing that this follower may hear of: everything up to `seq` is told. */
  | { readonly kind: 'told_up_to'; readonly seq: number };

type FeedDeps = Pick<SubscriptionDeps, 'db' | 'clock' | 'keepDays'> & { readonly bell: ChangeBell };

/**
 * The events after a place, then those that come. Raises what readSpec raises
 * and `events_gone`, before the first item. It reads on only when it is asked
 * for more, so that a slow follower costs no memory; the key and the grant are
 * looked at anew before each portion.
 */
export async function followEvents(
  deps: FeedDeps,
  ask: AskViewer,
  wish: EventWish & { readonly after: number | null },
  signal: AbortSignal,
): Promise<AsyncGenerator<FeedItem>> {
  const viewer = await ask();
  if (viewer === null) throw new GantryError('unauthenticated', { message: 'The key is not valid any more.' });
  readSpec(viewer, wish);
  const { tenant } = viewer.caller;
  checkHistory(await deps.keepDays(tenant));
  const head = await deps.db.tenantRead(tenant, (tx) => changeHead(tx, tenant));
  const after = Math.min(wish.after ?? head, head);
  await portion(deps, viewer, wish, after);
  return feedOf(deps, ask, wish, { tenant, after, signal });
}

/** The same, each event as it is sent: without its values where it is too large. */
export async function* sentEvents(
  items: AsyncGenerator<FeedItem>,
  publicUrl: string,
  object: string,
): AsyncGenerator<FeedItem> {
  for await (const item of items) {
    if (item.kind === 'told_up_to') yield item;
    else yield { ...item, payload: boundEvent(item.payload, { publicUrl, object, seq: item.seq }).payload };
  }
}

async function* feedOf(
  deps: FeedDeps,
  ask: AskViewer,
  wish: EventWish,
  from: { readonly tenant: TenantId; readonly after: number; readonly signal: AbortSignal },
): AsyncGenerator<FeedItem> {
  const { tenant, signal } = from;
  let after = from.after;
  yield { kind: 'told_up_to', seq: after };
  while (!signal.aborted) {
    const viewer = await ask();
    if (viewer === null) return;
    const page = await portion(deps, viewer, wish, after);
    yield* page.items;
    const moved = page.seq > after;
    after = page.seq;
    if (moved) {
      if (page.items.length === 0) yield { kind: 'told_up_to', seq: after };
      continue;
    }
    await deps.bell.wait(tenant, limits.eventBeatMs, signal);
    yield { kind: 'told_up_to', seq: after };
  }
}

async function portion(
  deps: Pick<SubscriptionDeps, 'db' | 'keepDays'>,
  viewer: Viewer,
  wish: EventWish,
  after: number,
): Promise<{ readonly items: readonly FeedItem[]; readonly seq: number }> {
  const spec = readSpec(viewer, wish);
  const { tenant } = viewer.caller;
  if (awaitsRights(viewer, spec.object)) return { items: [], seq: after };
  const object = viewer.caller.objects.get(spec.object);
  const days = await imageDays(deps, tenant);
  return deps.db.tenantRead(tenant, async (tx) => {
    const streams = object === undefined ? [] : streamsOf(object);
    const page = await readImages(tx, { tenant, afterSeq: after, streams, limit: PORTION });
    if (!leadsOn(page, after, imagesSince(days, tx.now))) {
      throw new GantryError('events_gone', {
        message: `The changes after ${String(after)} are not all kept any more.`,
        where: 'after',
      });
    }
    const items = page.changes.flatMap((change): FeedItem[] => {
      const event = viewChange(viewer, spec, change, tx.now);
      const of = { object: spec.object, seq: change.seq, at: change.at };
      return event === null ? [] : [{ kind: 'event', seq: change.seq, payload: eventPayload(event, of) }];
    });
    return { items, seq: page.seq };
  });
}

/** Few, because records may be large and all of a portion are held at once. */
const PORTION = 100;

/** Some events after a place, oldest first, as they are sent. */
export interface EventPage {
  readonly events: readonly JsonObject[];
  /** Everything up to here is told: the place to go on from. */
  readonly sequence: number;
  /** There may be more at once. */
  readonly more: boolean;
}

/**
 * The next events after a place; without a place none, and where to begin.
 * Raises what readSpec raises, `subscription_unsupported` and `events_gone`.
 */
export async function readEventPage(
  deps: Pick<SubscriptionDeps, 'db' | 'clock' | 'keepDays' | 'publicUrl'>,
  viewer: Viewer,
  wish: EventWish & { readonly after: number | null },
): Promise<EventPage> {
  readSpec(viewer, wish);
  const { tenant } = viewer.caller;
  checkHistory(await deps.keepDays(tenant));
  const head = await deps.db.tenantRead(tenant, (tx) => changeHead(tx, tenant));
  let sequence = Math.min(wish.after ?? head, head);
  const events: JsonObject[] = [];
  let bytes = 0;
  for (let round = 0; round < PORTIONS_MAX && events.length === 0 && sequence < head; round += 1) {
    const page = await portion(deps, viewer, wish, sequence);
    for (const item of page.items) {
      if (item.kind !== 'event') continue;
      const { payload, text } = boundEvent(item.payload, { ...deps, object: wish.object, seq: item.seq });
      bytes += Buffer.byteLength(text);
      if (events.length > 0 && bytes > limits.eventPageBytesMax) return { events, sequence, more: true };
      events.push(payload);
      sequence = item.seq;
    }
    sequence = page.seq;
  }
  return { events, sequence, more: sequence < head };
}

/** How many portions of changes that matter to others are passed over in one go. */
const PORTIONS_MAX = 20;

/** One event, whole: for those that were too large to be sent. Raises `not_found`, also where it is not to be seen. */
export async function readEvent(
  deps: Pick<SubscriptionDeps, 'db' | 'clock' | 'keepDays'>,
  viewer: Viewer,
  wish: EventWish,
  seq: number,
): Promise<JsonObject> {
  const spec = readSpec(viewer, wish);
  const { tenant } = viewer.caller;
  const days = await imageDays(deps, tenant);
  const payload = await deps.db.tenantRead(tenant, async (tx) => {
    const since = imagesSince(days, tx.now);
    const [change] = await readImagesAt(tx, tenant, [seq]);
    if (change === undefined || change.at < since) return null;
    const event = viewChange(viewer, spec, change, tx.now);
    return event === null ? null : eventPayload(event, { object: spec.object, seq, at: change.at });
  });
  if (payload === null) throw new GantryError('not_found', { message: 'There is no such event.', where: 'seq' });
  return payload;
}
