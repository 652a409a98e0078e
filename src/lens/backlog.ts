import { limits, type Clock, type TenantId } from '../kernel/index.ts';

/** Tenants that nobody reads and that have something new: worked off one at a time, in the order in which they came. */
export interface Backlog {
  add(tenant: TenantId): void;
  /** Ends after the work under way. */
  readonly ended: Promise<void>;
}

export function createBacklog(
  clock: Clock,
  stop: AbortSignal,
  work: (tenant: TenantId) => Promise<unknown>,
  onError: (tenant: TenantId, error: unknown) => void,
): Backlog {
  const waiting = new Set<TenantId>();
  async function run(): Promise<void> {
    while (!stop.aborted) {
      const [tenant] = waiting;
      if (tenant !== undefined) {
        waiting.delete(tenant);
        await work(tenant).catch((error: unknown) => onError(tenant, error));
      }
      await clock.sleep(limits.lensIdlePauseMs, stop).catch(() => undefined);
    }
  }
  return { add: (tenant) => waiting.add(tenant), ended: run() };
}
