import { limits } from '../kernel/index.ts';
import {
  agentHasKey,
  holdTurn,
  readSubscription,
  type SubscriptionRow,
  type SubscriptionTurn,
  type Tx,
} from '../store/index.ts';
import { noteSubscription } from './change-state.ts';
import type { SubscriptionDeps } from './deps.ts';
import type { SubscriptionLogEvent } from './events.ts';

export interface Lease {
  readonly worker: string;
  readonly leaseMs: number;
}

export const leaseOf = (deps: SubscriptionDeps, worker: string): Lease => ({
  worker,
  leaseMs: deps.leaseMs ?? limits.subscriptionLeaseMs,
});

/** The subscription as it was when the lease was proven, and a moment before that, by our own clock. */
export interface Held {
  readonly row: SubscriptionRow;
  readonly atMs: number;
}

/** The lease, proven now. Null: another worker has it, or nothing is to be sent. */
export async function hold(deps: SubscriptionDeps, worker: string, turn: SubscriptionTurn): Promise<Held | null> {
  const atMs = deps.clock.monotonicMs();
  const told: SubscriptionLogEvent[] = [];
  const row = await deps.db.tenantTx(
    turn.tenant,
    async (tx) => ((await holdTurn(tx, turn, leaseOf(deps, worker))) ? readHeld(tx, turn, told) : null),
    'subscriptions.hold',
  );
  for (const each of told) deps.onEvent(each);
  return row === null ? null : { row, atMs };
}

/**
 * What is ours, if something is to be sent to it: it is active, does not rest,
 * and its agent has a key; without one it ends here, and `told` says so.
 */
export async function readHeld(
  tx: Tx,
  { tenant, subscription: id }: SubscriptionTurn,
  told: SubscriptionLogEvent[],
): Promise<SubscriptionRow | null> {
  const row = await readSubscription(tx, { tenant, id });
  const rests = row !== null && row.restsUntil !== null && row.restsUntil > tx.now;
  if (row === null || row.state !== 'active' || rests) return null;
  if (await agentHasKey(tx, tenant, row.agent)) return row;
  told.push(...(await noteSubscription(tx, { tenant, id }, 'key_ended')));
  return null;
}

/**
 * An attempt that began now might outlast the lease that was proven at `atMs`:
 * a process that stood still in between must not send what another one is
 * about to send, or has sent, with later events behind it.
 */
export function tooLate(deps: SubscriptionDeps, atMs: number): boolean {
  const leaseMs = deps.leaseMs ?? limits.subscriptionLeaseMs;
  const attemptMs = deps.timeoutMs ?? limits.deliveryTimeoutMs;
  return deps.clock.monotonicMs() - atMs > leaseMs - attemptMs;
}
