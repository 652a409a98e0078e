import { systemClock, type TenantId } from '../../kernel/index.ts';
import { HostError } from './failure.ts';

/**
 * Lets through so many statements of agents at once, in all and per tenant, so
 * that one tenant's heavy statements leave threads for the others. First come,
 * first served among those who may run.
 */
export interface Gate {
  /** Resolves with the way out; rejects with `timeout` when the turn does not come before `until` (monotonic clock). */
  enter(tenant: TenantId, until: number): Promise<() => void>;
  readonly inside: number;
}

export function createGate(maxima: { readonly total: number; readonly perTenant: number }): Gate {
  const running = new Map<TenantId, number>();
  const queue: { readonly tenant: TenantId; readonly go: () => void }[] = [];
  let total = 0;

  const mayRun = (tenant: TenantId): boolean => total < maxima.total && (running.get(tenant) ?? 0) < maxima.perTenant;

  function take(tenant: TenantId): () => void {
    total += 1;
    running.set(tenant, (running.get(tenant) ?? 0) + 1);
    return () => {
      total -= 1;
      const left = (running.get(tenant) ?? 1) - 1;
      if (left === 0) running.delete(tenant);
      else running.set(tenant, left);
      const next = queue.findIndex((waiter) => mayRun(waiter.tenant));
      if (next >= 0) queue.splice(next, 1)[0]?.go();
    };
  }

  return {
    get inside() {
      return total;
    },
    enter(tenant, until) {
      if (mayRun(tenant)) return Promise.resolve(take(tenant));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          queue.splice(queue.indexOf(waiter), 1);
          reject(new HostError({ kind: 'timeout' }));
        }, until - systemClock.monotonicMs());
        const waiter = {
          tenant,
          go: () => {
            clearTimeout(timer);
            resolve(take(tenant));
          },
        };
        queue.push(waiter);
      });
    },
  };
}
