import { limits, tenantId, type TenantId } from '../kernel/index.ts';
import { changeChannel, claimTurns, turnsNow, type SubscriptionTurn } from '../store/index.ts';
import type { SubscriptionDeps } from './deps.ts';
import { runTurn } from './run-turn.ts';

export interface SubscriptionWorker {
  /** Ends the attempts under way as they end, then stops. */
  stop(): Promise<void>;
}

/** Delivers events. Any number of workers in any number of processes: leases in the database keep them apart. */
export function startSubscriptionWorker(deps: SubscriptionDeps, name: string): SubscriptionWorker {
  const stopping = new AbortController();
  const running = new Map<Promise<void>, TenantId>();
  let wakeUp: () => void = () => undefined;
  let woken = false;
  let claims = 0;
  const wake = (): void => {
    woken = true;
    wakeUp();
  };
  const failed = (cause: unknown): void => deps.onEvent({ kind: 'subscription_round_failed', cause });
  const changed = createMarks(deps, wake, failed);

  const round = async (): Promise<void> => {
    const limit = limits.subscriptionsAtOnce - running.size;
    if (limit <= 0) return;
    claims += 1;
    const holder = `${name}.${String(claims)}`;
    const request = {
      worker: holder,
      leaseMs: deps.leaseMs ?? limits.subscriptionLeaseMs,
      limit: Math.min(limit, limits.subscriptionsPerTenantAtOnce),
      busy: busyTenants(running),
      againMs: limits.subscriptionLookMs,
    };
    const turns = await deps.db.tx((tx) => claimTurns(tx, request), 'subscriptions.claim_turns');
    for (const turn of turns) begin(turn, holder);
    if (turns.length > 0) wake();
  };
  const begin = (turn: SubscriptionTurn, holder: string): void => {
    const run: Promise<void> = runTurn(deps, holder, turn, stopping.signal)
      .catch(failed)
      .finally(() => {
        running.delete(run);
        wake();
      });
    running.set(run, turn.tenant);
  };
  const loop = async (): Promise<void> => {
    const stopListening = await deps.db.listen(changeChannel, (payload) => changed(tenantId(Number(payload))));
    while (!stopping.signal.aborted) {
      woken = false;
      await round().catch(failed);
      if (woken || stopping.signal.aborted) continue;
      const rest = new AbortController();
      wakeUp = () => rest.abort(new Error('woken'));
      await deps.clock.sleep(limits.subscriptionPollMs, rest.signal).catch(() => undefined);
    }
    await stopListening();
  };
  const looping = loop().catch(failed);
  return {
    stop: async () => {
      stopping.abort(new Error('the worker stops'));
      wake();
      await looping;
      await Promise.all(running.keys());
    },
  };
}

/** Tenants that have all the places that one may have: a customer whose receivers hang costs the others nothing. */
function busyTenants(running: ReadonlyMap<unknown, TenantId>): TenantId[] {
  const counts = new Map<TenantId, number>();
  for (const tenant of running.values()) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= limits.subscriptionsPerTenantAtOnce).map(([tenant]) => tenant);
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
