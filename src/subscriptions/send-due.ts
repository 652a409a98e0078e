import { limits } from '../kernel/index.ts';
import {
  forgiveSubscription,
  holdTurn,
  lockSubscription,
  moveDelivery,
  nextDeliveries,
  noteAttempt,
  readImagesAt,
  readSubscription,
  readSubscriptionSecrets,
  setSubscriptionHealth,
  type ChangeImages,
  type DeliveryRow,
  type SubscriptionRow,
  type SubscriptionTurn,
} from '../store/index.ts';
import { afterAttempt } from './after-attempt.ts';
import { noteSubscription } from './change-state.ts';
import type { SubscriptionDeps } from './deps.ts';
import { eventBody, eventPayload } from './event-body.ts';
import type { SubscriptionLogEvent } from './events.ts';
import { imagesSince } from './kept-changes.ts';
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
  const held = new Set<string>();
  for (const delivery of batch.deliveries) {
    if (signal.aborted) return false;
    const record = `${String(delivery.stream)} ${delivery.recordId}`;
    if (held.has(record)) continue;
    const outcome = await sendOne(deps, worker, turn, { ...batch, delivery });
    if (outcome === 'stop') return false;
    if (outcome === 'failed') held.add(record);
  }
  return true;
}

async function readBatch(deps: SubscriptionDeps, { tenant, subscription }: SubscriptionTurn): Promise<Batch> {
  const key = { tenant, id: subscription };
  return deps.db.tenantTx(
    tenant,
    async (tx) => {
      const deliveries = await nextDeliveries(tx, key, limits.deliveriesPerLookMax);
      const sealed = deliveries.length === 0 ? null : await readSubscriptionSecrets(tx, key);
      if (sealed === null) return { deliveries: [], images: new Map(), secrets: [] };
      const since = await imagesSince(deps, tenant, tx.now);
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

type Outcome = 'sent' | 'failed' | 'stop';

async function sendOne(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
  { delivery, images, secrets }: Batch & { readonly delivery: DeliveryRow },
): Promise<Outcome> {
  const { tenant, subscription: id } = turn;
  const row = await stillOurs(deps, worker, turn);
  if (row === null) return 'stop';
  // Asked again for each event: what was taken back a moment ago is not told.
  const sight = await sightOf(deps, turn, row);
  if (sight === null) {
    await disable(deps, turn);
    return 'stop';
  }
  const change = images.get(delivery.seq);
  const event = change === undefined ? null : viewChange(sight.viewer, sight.spec, change, deps.clock.now());
  if (change === undefined || event === null) {
    await withhold(deps, turn, delivery, change === undefined ? 'change_gone' : 'not_visible');
    return 'sent';
  }
  const payload = eventPayload(event, { object: row.object, seq: change.seq, at: change.at });
  const body = eventBody(payload, deps.publicUrl, row.object, change.seq);
  const result = await postEvent(deps, { url: row.url, secrets }, { id: eventId(turn, change.seq), body });
  const told: SubscriptionLogEvent[] = [];
  const outcome = await deps.db.tenantTx(
    tenant,
    async (tx): Promise<Outcome> => {
      const lease = { worker, leaseMs: deps.leaseMs ?? limits.subscriptionLeaseMs };
      // Whoever has it now sends it again; the receiver knows it by its id.
      if (!(await holdTurn(tx, turn, lease))) return 'stop';
      const fraction = deps.random.fraction();
      const effect = afterAttempt(result, { attempts: delivery.attempts, now: tx.now, fraction });
      const { state, attempts, dueAt } = effect;
      const endedAt = state === 'due' ? null : tx.now;
      const { status, cause, tookMs } = result;
      if (!(await moveDelivery(tx, { tenant, id }, delivery.seq, { state, attempts, dueAt, cause, endedAt })))
        return 'stop';
      await noteAttempt(tx, { tenant, id }, { seq: delivery.seq, at: tx.now, status, cause, tookMs });
      if (effect.event === 'accepted') {
        if (row.failures > 0) await forgiveSubscription(tx, { tenant, id });
        return 'sent';
      }
      told.push({
        kind: 'delivery_failed',
        tenant,
        subscription: id,
        seq: delivery.seq,
        attempts,
        status,
        cause,
        dead: state === 'dead',
      });
      const fresh = await lockSubscription(tx, { tenant, id });
      const failingSince = fresh?.failingSince ?? tx.now;
      const failures = (fresh?.failures ?? 0) + 1;
      await setSubscriptionHealth(
        tx,
        { tenant, id },
        { failingSince, failures, restsUntil: effect.restsUntil ?? restOf(failures, tx.now) },
      );
      const long = tx.now.getTime() - failingSince.getTime() >= limits.deliveryFailingMaxMs;
      if (effect.receiverGone) told.push(...(await noteSubscription(tx, { tenant, id }, 'receiver_gone')));
      else if (long) told.push(...(await noteSubscription(tx, { tenant, id }, 'failed_long')));
      return effect.receiverGone || long || isResting(effect.restsUntil ?? restOf(failures, tx.now), tx.now)
        ? 'stop'
        : 'failed';
    },
    'subscriptions.keep_attempt',
  );
  for (const each of told) deps.onEvent(each);
  return outcome;
}

/** A receiver that fails whatever it is sent is left alone for a while: other records' events would fail as well. */
function restOf(failures: number, now: Date): Date | null {
  if (failures < FAILURES_BEFORE_REST) return null;
  const ms = Math.min(5_000 * 2 ** (failures - FAILURES_BEFORE_REST), 5 * 60_000);
  return new Date(now.getTime() + ms);
}

const FAILURES_BEFORE_REST = 5;

const isResting = (until: Date | null, now: Date): boolean => until !== null && until > now;

/** The same at every attempt, and different for every subscription: receivers tell repeats by it. */
const eventId = ({ tenant, subscription }: SubscriptionTurn, seq: number): string =>
  `evt_${String(tenant)}_${String(subscription)}_${String(seq)}`;

/** The subscription as it is, if it is active, does not rest, and this worker has it. */
async function stillOurs(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
): Promise<SubscriptionRow | null> {
  return deps.db.tenantTx(
    turn.tenant,
    async (tx) => {
      const lease = { worker, leaseMs: deps.leaseMs ?? limits.subscriptionLeaseMs };
      if (!(await holdTurn(tx, turn, lease))) return null;
      const row = await readSubscription(tx, { tenant: turn.tenant, id: turn.subscription });
      return row === null || row.state !== 'active' || isResting(row.restsUntil, tx.now) ? null : row;
    },
    'subscriptions.hold',
  );
}

async function disable(deps: SubscriptionDeps, { tenant, subscription: id }: SubscriptionTurn): Promise<void> {
  const told = await deps.db.tenantTx(
    tenant,
    (tx) => noteSubscription(tx, { tenant, id }, 'grant_lost'),
    'subscriptions.end_grant',
  );
  for (const each of told) deps.onEvent(each);
}

async function withhold(
  deps: SubscriptionDeps,
  { tenant, subscription: id }: SubscriptionTurn,
  { seq, attempts }: DeliveryRow,
  cause: string,
): Promise<void> {
  await deps.db.tenantTx(
    tenant,
    (tx) =>
      moveDelivery(tx, { tenant, id }, seq, { state: 'withheld', attempts, dueAt: tx.now, cause, endedAt: tx.now }),
    'subscriptions.withhold',
  );
}
