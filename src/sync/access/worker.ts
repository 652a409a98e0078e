import { limits, numbered, startPolling } from '../../kernel/index.ts';
import { claimAccessTurns } from '../../store/index.ts';
import type { AccessDeps } from './deps.ts';
import { learnAccess } from './learn-access.ts';

export interface AccessWorker {
  /** Something became due: look now instead of at the next poll. */
  wake(): void;
  /** Lets what is being kept commit, then stops. */
  stop(): Promise<void>;
}

/** Learns the rights of connections whose turn it is; any number of processes do, each turn is one's. */
export function startAccessWorker(deps: AccessDeps, name: string): AccessWorker {
  const running = new Set<Promise<void>>();
  const holders = numbered(name);
  const polling = startPolling({
    clock: deps.clock,
    everyMs: limits.accessPollMs,
    round: async ({ signal, wake }) => {
      const limit = limits.accessTurnsAtOnce - running.size;
      if (limit <= 0) return;
      const worker = holders();
      const claim = { worker, leaseMs: limits.accessLeaseMs, againMs: limits.accessRefreshMs, limit };
      for (const turn of await deps.db.tx((tx) => claimAccessTurns(tx, claim), 'access.claim')) {
        const one = learnAccess(deps, worker, turn, signal).finally(() => {
          running.delete(one);
          wake();
        });
        running.add(one);
      }
    },
    onFailed: (cause) => deps.onEvent({ kind: 'access_poll_failed', cause }),
  });
  return {
    wake: polling.wake,
    stop: async () => {
      await polling.stop();
      await Promise.all(running);
    },
  };
}
