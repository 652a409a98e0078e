import { limits } from '../kernel/index.ts';
import {
  pruneDeliveries,
  readSubscription,
  settleTurn,
  soonestDelivery,
  type SubscriptionTurn,
} from '../store/index.ts';
import type { SubscriptionDeps } from './deps.ts';
import { lookAtChanges } from './look-at-changes.ts';
import { sendDue } from './send-due.ts';

/**
 * One subscription, as long as it has something to do, but not for longer than
 * a number of rounds: others wait. The lease is proven in every transaction
 * that keeps something, so that a worker that lost it changes nothing.
 */
export async function runTurn(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
  signal: AbortSignal,
): Promise<void> {
  const key = { tenant: turn.tenant, id: turn.subscription };
  for (let round = 0; round < ROUNDS_MAX && !signal.aborted; round += 1) {
    const row = await deps.db.tenantRead(turn.tenant, (tx) => readSubscription(tx, key));
    if (row === null || row.state !== 'active') break;
    const look = await lookAtChanges(deps, worker, turn, row);
    if (look === 'later') return settle(deps, worker, turn, 'rest');
    if (look === 'stopped' || !(await sendDue(deps, worker, turn, signal))) break;
    const waits = await deps.db.tenantRead(turn.tenant, async (tx) => {
      const at = await soonestDelivery(tx, key);
      return at === null || at > tx.now;
    });
    if (look !== 'more' && waits) break;
  }
  await settle(deps, worker, turn, 'as_due');
}

const ROUNDS_MAX = 5;

/** When it is to be looked at again, and what is old goes. `rest`: nothing of it can be told just now. */
async function settle(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
  when: 'as_due' | 'rest',
): Promise<void> {
  const key = { tenant: turn.tenant, id: turn.subscription };
  const dueAt = await deps.db.tenantTx(
    turn.tenant,
    async (tx) => {
      await pruneDeliveries(tx, key, {
        before: new Date(tx.now.getTime() - limits.deliveryKeepMs),
        deadBefore: new Date(tx.now.getTime() - limits.deliveryDeadKeepMs),
        limit: limits.pruneBatchMax,
      });
      const row = await readSubscription(tx, key);
      const latest = tx.now.getTime() + limits.subscriptionLookMs;
      if (row === null || row.state !== 'active' || when === 'rest') return new Date(latest);
      const next = (await soonestDelivery(tx, key))?.getTime() ?? latest;
      const rested = Math.max(next, row.restsUntil?.getTime() ?? 0);
      return new Date(Math.min(rested, latest));
    },
    'subscriptions.settle',
  );
  await deps.db.tx((tx) => settleTurn(tx, turn, { worker, dueAt }), 'subscriptions.settle_turn');
}
