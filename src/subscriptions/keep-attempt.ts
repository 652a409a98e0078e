import { limits } from '../kernel/index.ts';
import {
  forgiveSubscription,
  holdTurn,
  lockSubscription,
  moveDelivery,
  noteAttempt,
  setSubscriptionHealth,
  type DeliveryRow,
  type SubscriptionTurn,
  type Tx,
} from '../store/index.ts';
import { afterAttempt, type AttemptEffect, type AttemptResult } from './after-attempt.ts';
import { noteSubscription } from './change-state.ts';
import type { SubscriptionDeps } from './deps.ts';
import type { SubscriptionLogEvent } from './events.ts';
import { leaseOf, readHeld, type Held } from './hold-turn.ts';

/** What an attempt leaves: whether it was accepted, and what the next one may stand on; null: it has to stop. */
export interface Kept {
  readonly accepted: boolean;
  readonly next: Held | null;
}

/** The attempt, its delivery and the receiver's health, in one transaction with the proof that the turn is still ours. */
export async function keepAttempt(
  deps: SubscriptionDeps,
  worker: string,
  turn: SubscriptionTurn,
  sent: { readonly delivery: DeliveryRow; readonly result: AttemptResult & { readonly tookMs: number } },
): Promise<Kept> {
  const { tenant, subscription: id } = turn;
  const { delivery, result } = sent;
  const { status, cause, tookMs } = result;
  const atMs = deps.clock.monotonicMs();
  const told: SubscriptionLogEvent[] = [];
  const kept = await deps.db.tenantTx(
    tenant,
    async (tx): Promise<Kept> => {
      // Whoever has it now sends it again; the receiver knows it by its id.
      if (!(await holdTurn(tx, turn, leaseOf(deps, worker)))) return { accepted: false, next: null };
      const fraction = deps.random.fraction();
      const effect = afterAttempt(result, { attempts: delivery.attempts, now: tx.now, fraction });
      const { state, attempts, dueAt } = effect;
      const endedAt = state === 'due' ? null : tx.now;
      if (!(await moveDelivery(tx, { tenant, id }, delivery.seq, { state, attempts, dueAt, cause, endedAt })))
        return { accepted: false, next: null };
      await noteAttempt(tx, { tenant, id }, { seq: delivery.seq, at: tx.now, status, cause, tookMs });
      const accepted = effect.event === 'accepted';
      if (!accepted) {
        const dead = state === 'dead';
        told.push({
          kind: 'delivery_failed',
          tenant,
          subscription: id,
          seq: delivery.seq,
          attempts,
          status,
          cause,
          dead,
        });
      }
      told.push(...(await noteHealth(tx, turn, effect)));
      const row = await readHeld(tx, turn, told);
      return { accepted, next: row === null ? null : { row, atMs } };
    },
    'subscriptions.keep_attempt',
  );
  for (const each of told) deps.onEvent(each);
  return kept;
}

/** How the receiver is, after what it answered; what to tell of it. */
async function noteHealth(
  tx: Tx,
  { tenant, subscription: id }: SubscriptionTurn,
  effect: AttemptEffect,
): Promise<readonly SubscriptionLogEvent[]> {
  const row = await lockSubscription(tx, { tenant, id });
  if (effect.event === 'accepted') {
    if ((row?.failures ?? 0) > 0) await forgiveSubscription(tx, { tenant, id });
    return [];
  }
  const failingSince = row?.failingSince ?? tx.now;
  const failures = (row?.failures ?? 0) + 1;
  const restsUntil = effect.restsUntil ?? restOf(failures, tx.now);
  await setSubscriptionHealth(tx, { tenant, id }, { failingSince, failures, restsUntil });
  if (effect.receiverGone) return noteSubscription(tx, { tenant, id }, 'receiver_gone');
  const long = tx.now.getTime() - failingSince.getTime() >= limits.deliveryFailingMaxMs;
  return long ? noteSubscription(tx, { tenant, id }, 'failed_long') : [];
}

/** A receiver that fails whatever it is sent is left alone for a while: other records' events would fail as well. */
function restOf(failures: number, now: Date): Date | null {
  if (failures < FAILURES_BEFORE_REST) return null;
  const ms = Math.min(5_000 * 2 ** (failures - FAILURES_BEFORE_REST), 5 * 60_000);
  return new Date(now.getTime() + ms);
}

const FAILURES_BEFORE_REST = 5;
