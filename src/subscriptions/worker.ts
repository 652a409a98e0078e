import { limits, numbered, startPolling, takenUp, tenantId, type Round, type TenantId } from '../kernel/index.ts';
import { changeChannel, claimTurns, turnsNow, type SubscriptionTurn } from '../store/index.ts';
import type { SubscriptionDeps } from './deps.ts';
import { runTurn } from './run-turn.ts';

export interface SubscriptionWorker {
  /** Ends the attempts under way as they end, then stops. */
  stop(): Promise<void>;
}

/** Delivers events. Any number of workers in any number of processes: leases in the database keep them apart. */
export function startSubscriptionWorker(deps: SubscriptionDeps, name: string): SubscriptionWorker {
  const running = new Map<Promise<void>, TenantId>();
  const holders = numbered(name);
  const failed = (cause: unknown): void => deps.onEvent({ kind: 'subscription_round_failed', cause });

  const begin = (turn: SubscriptionTurn, holder: string, { signal, wake }: Round): void => {
    const run: Promise<void> = runTurn(deps, holder, turn, signal)
      .catch(failed)
      .finally(() => {
        running.delete(run);
        wake();
      });
    running.set(run, turn.tenant);
  };
  const polling = startPolling({
    clock: deps.clock,
    everyMs: limits.subscriptionPollMs,
    listen: ({ wake }) => {
      const changed = createMarks(deps, wake, failed);
      return deps.db.listen(changeChannel, (payload) => changed(tenantId(Number(payload))));
    },
    round: async (round) => {
      const limit = limits.subscriptionsAtOnce - running.size;
      if (limit <= 0) return;
      const holder = holders();
      const request = {
        worker: holder,
        leaseMs: deps.leaseMs ?? limits.subscriptionLeaseMs,
        limit: Math.min(limit, limits.subscriptionsPerTenantAtOnce),
        // A customer whose receivers hang costs the others nothing.
        busy: takenUp(running.values(), limits.subscriptionsPerTenantAtOnce),
        againMs: limits.subscriptionLookMs,
      };
      const turns = await deps.db.tx((tx) => claimTurns(tx, request), 'subscriptions.claim_turns');
      for (const turn of turns) begin(turn, holder, round);
      if (turns.length > 0) round.wake();
    },
    onFailed: failed,
  });
  return {
    stop: async () => {
      await polling.stop();
      await Promise.all(running.keys());
    },
  };
}

/** One statement per tenant at a time, and one more for what came meanwhile, however fast its records change. */
function createMarks(
  { db }: SubscriptionDeps,
  done: () => void,
  failed: (cause: unknown) => void,
): (tenant: TenantId) => void {
  const under = new Set<TenantId>();
  const again = new Set<TenantId>();
  const markNow = async (tenant: TenantId): Promise<void> => {
    try {
      await db.tx((tx) => turnsNow(tx, tenant), 'subscriptions.due_now');
      done();
    } catch (cause) {
      failed(cause);
    }
    under.delete(tenant);
    if (again.delete(tenant)) mark(tenant);
  };
  const mark = (tenant: TenantId): void => {
    if (under.has(tenant)) {
      again.add(tenant);
      return;
    }
    under.add(tenant);
    void markNow(tenant);
  };
  return mark;
}
