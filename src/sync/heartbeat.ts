import { limits } from '../kernel/index.ts';
import { heartbeat, type LeaseHolder } from '../store/index.ts';
import type { SyncDeps } from './deps.ts';

/**
 * Prolongs a lease while its holder waits for a slow provider. A beat that
 * fails is no news here: writing the next page finds out whether the lease is
 * still ours. Returns the way to stop, which waits for a beat under way.
 */
export function startHeartbeat(deps: SyncDeps, holder: LeaseHolder): () => Promise<void> {
  const stopped = new AbortController();
  const beat = async (): Promise<void> => {
    for (;;) {
      await deps.clock.sleep(limits.streamHeartbeatMs, stopped.signal);
      await deps.db
        .tenantTx(holder.tenant, (tx) => heartbeat(tx, holder, limits.streamLeaseMs), 'sync.heartbeat')
        .catch(() => undefined);
    }
  };
  const beating = beat().catch(() => undefined);
  return async () => {
    stopped.abort(new Error('the run ended'));
    await beating;
  };
}
