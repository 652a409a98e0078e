import { limits } from '../kernel/index.ts';
import {
  holdTurn,
  moveDelivery,
  nextDeliveries,
  readImagesAt,
  readSubscriptionSecrets,
  type ChangeImages,
  type DeliveryRow,
  type SubscriptionTurn,
} from '../store/index.ts';
import { noteSubscription } from './change-state.ts';
import type { SubscriptionDeps } from './deps.ts';
import { boundEvent, eventPayload } from './event-body.ts';
import { hold, leaseOf, tooLate, type Held } from './hold-turn.ts';
import { keepAttempt, type Kept } from './keep-attempt.ts';
import { imageDays, imagesSince } from './kept-changes.ts';
import { sightOf } from './look-at-changes.ts';
import { postEvent } from './post-event.ts';
import { secretPurpose } from './secret-purpose.ts';
import { viewChange } from './view-change.ts';

interface Batch {
  readonly deliveries: readonly DeliveryRow[];
  readonly images: ReadonlyMap<number, ChangeImages>;
  readonly secrets: readonly string[];
}

/**
 * Sends what is due, one after the other in the order of the changes. After a
 * failure the later events of the same record wait behind it, those of others
 * go on. False: it has to stop, because the lease is lost or the subscription is not active.
 */
export async function sendDue(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
  signal: AbortSignal,
): Promise<boolean> {
  const batch = await readBatch(deps, turn);
  if (batch.deliveries.length === 0) return true;
  const waiting = new Set<string>();
  let held = await hold(deps, worker, turn);
  for (const delivery of batch.deliveries) {
    if (signal.aborted || held === null) return false;
    const record = `${String(delivery.stream)} ${delivery.recordId}`;
    if (waiting.has(record)) continue;
    const { accepted, next } = await sendOne(deps, worker, turn, { ...batch, delivery, held });
    if (!accepted) waiting.add(record);
    held = next;
  }
  return held !== null;
}

async function readBatch(deps: SubscriptionDeps, { tenant, subscription }: SubscriptionTurn): Promise<Batch> {
  const key = { tenant, id: subscription };
  const days = await imageDays(deps, tenant);
  return deps.db.tenantTx(
    tenant,
    async (tx) => {
      const deliveries = await nextDeliveries(tx, key, limits.deliveriesPerLookMax);
      const sealed = deliveries.length === 0 ? null : await readSubscriptionSecrets(tx, key);
      if (sealed === null) return { deliveries: [], images: new Map(), secrets: [] };
      const since = imagesSince(days, tx.now);
      const images = await readImagesAt(
        tx,
        tenant,
        deliveries.map(({ seq }) => seq),
      );
      const both = sealed.previousUntil !== null && sealed.previousUntil > tx.now ? [sealed.previous] : [];
      const secrets: string[] = [];
      for (const secret of [sealed.current, ...both]) {
        if (secret !== null) secrets.push(await deps.vault.open(tx, tenant, secretPurpose(subscription), secret));
      }
      const kept = images.filter(({ at }) => at >= since);
      return { deliveries, images: new Map(kept.map((each) => [each.seq, each])), secrets };
    },
    'subscriptions.read_due',
  );
}

async function sendOne(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
  { delivery, images, secrets, held }: Batch & { readonly delivery: DeliveryRow; readonly held: Held },
): Promise<Kept> {
  const { row } = held;
  // Asked again for each event: what was taken back a moment ago is not told.
  const sight = await sightOf(deps, turn, row);
  if (sight === null) {
    await disable(deps, worker, turn);
    return stopped;
  }
  if (sight === 'later') return stopped;
  const change = images.get(delivery.seq);
  const event = change === undefined ? null : viewChange(sight.viewer, sight.spec, change, deps.clock.now());
  if (change === undefined || event === null) {
    const cause = change === undefined ? 'change_gone' : 'not_visible';
    const withheld = await withhold(deps, worker, turn, { ...delivery, cause });
    return withheld ? { accepted: true, next: await hold(deps, worker, turn) } : stopped;
  }
  const payload = eventPayload(event, { object: row.object, seq: change.seq, at: change.at });
  const { publicUrl } = deps;
  const { text: body } = boundEvent(payload, { publicUrl, object: row.object, seq: change.seq });
  if (tooLate(deps, held.atMs) && (await hold(deps, worker, turn)) === null) return stopped;
  const result = await postEvent(deps, { url: row.url, secrets }, { id: eventId(turn, change.seq), body });
  return keepAttempt(deps, worker, turn, { delivery, result });
}

const stopped: Kept = { accepted: false, next: null };

/** The same at every attempt, and different for every subscription: receivers tell repeats by it. */
const eventId = ({ tenant, subscription }: SubscriptionTurn, seq: number): string =>
  `evt_${String(tenant)}_${String(subscription)}_${String(seq)}`;

async function disable(deps: SubscriptionDeps, worker: string, turn: SubscriptionTurn): Promise<void> {
  const { tenant, subscription: id } = turn;
  const told = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await holdTurn(tx, turn, leaseOf(deps, worker)))) return [];
      return noteSubscription(tx, { tenant, id }, 'grant_lost');
    },
    'subscriptions.end_grant',
  );
  for (const each of told) deps.onEvent(each);
}

/** False: it is another worker's now. */
async function withhold(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
  { seq, attempts, cause }: Pick<DeliveryRow, 'seq' | 'attempts'> & { readonly cause: string },
): Promise<boolean> {
  const { tenant, subscription: id } = turn;
  return deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await holdTurn(tx, turn, leaseOf(deps, worker)))) return false;
      const withheld = { state: 'withheld', attempts, dueAt: tx.now, cause, endedAt: tx.now };
      return moveDelivery(tx, { tenant, id }, seq, withheld);
    },
    'subscriptions.withhold',
  );
}
