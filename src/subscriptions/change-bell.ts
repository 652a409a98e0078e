import { tenantId, type Clock, type TenantId } from '../kernel/index.ts';
import { changeChannel, type Db } from '../store/index.ts';

/** Wakes whoever waits for changes of a tenant. One listener, however many wait. */
export interface ChangeBell {
  /** Resolves at the tenant's next change that is heard of, after `ms`, or when the signal says so. */
  wait(tenant: TenantId, ms: number, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export async function createChangeBell(db: Db, clock: Clock): Promise<ChangeBell> {
  const waiting = new Map<TenantId, Set<() => void>>();
  const stop = await db.listen(changeChannel, (payload) => {
    for (const wake of waiting.get(tenantId(Number(payload))) ?? []) wake();
  });
  return {
    stop,
    wait: async (tenant, ms, signal) => {
      const woken = new AbortController();
      const wake = (): void => woken.abort(new Error('woken'));
      const own = waiting.get(tenant) ?? new Set();
      waiting.set(tenant, own.add(wake));
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
      await clock.sleep(ms, woken.signal).catch(() => undefined);
      signal.removeEventListener('abort', wake);
      own.delete(wake);
      if (own.size === 0 && waiting.get(tenant) === own) waiting.delete(tenant);
    },
  };
}
