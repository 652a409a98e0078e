import { limits } from '../../kernel/index.ts';
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
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let wakeUp: () => void = () => undefined;
  let woken = false;

  const rest = async (): Promise<void> => {
    if (woken || stopping.signal.aborted) return;
    const poll = new AbortController();
    wakeUp = () => poll.abort(new Error('woken'));
    await deps.clock.sleep(limits.accessPollMs, poll.signal).catch(() => undefined);
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = false;
      try {
        const limit = limits.accessTurnsAtOnce - running.size;
        const lease = { worker: name, leaseMs: limits.accessLeaseMs, againMs: limits.accessRefreshMs };
        const claim = { ...lease, limit };
        for (const turn of limit > 0 ? await deps.db.tx((tx) => claimAccessTurns(tx, claim), 'access.claim') : []) {
          const one = learnAccess(deps, name, turn, stopping.signal).finally(() => {
            running.delete(one);
            wake();
          });
          running.add(one);
        }
      } catch (cause) {
        deps.onEvent({ kind: 'access_poll_failed', cause });
      }
      await rest();
    }
  };

  const wake = (): void => {
    woken = true;
    wakeUp();
  };
  const looping = loop();
  return {
    wake,
    stop: async () => {
      stopping.abort(new Error('the worker stops'));
      wake();
      await looping;
      await Promise.all(running);
    },
  };
}
