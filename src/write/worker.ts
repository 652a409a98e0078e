import { limits, numbered, startPolling, takenUp, type Round, type TenantId } from '../kernel/index.ts';
import { claimWriteTurns, writeChannel, type WriteTurn } from '../store/index.ts';
import type { WriteDeps } from './deps.ts';
import { runTurn } from './run-turn.ts';
import { leaseMsOf } from './turn.ts';

export interface WriteWorker {
  /** Something was accepted: look now. */
  wake(): void;
  /** Ends the sendings under way as they end, then stops. */
  stop(): Promise<void>;
}

/** Sends accepted writes. Any number of workers in any number of processes: turns in the database keep them apart. */
export function startWriteWorker(deps: WriteDeps, name: string): WriteWorker {
  const running = new Map<Promise<void>, TenantId>();
  const holders = numbered(name);
  const failed = (cause: unknown): void => deps.onEvent({ kind: 'write_round_failed', cause });

  const begin = (turn: WriteTurn, holder: string, { signal, wake }: Round): void => {
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
    everyMs: limits.writePollMs,
    listen: ({ wake }) => deps.db.listen(writeChannel, wake),
    round: async (round) => {
      const limit = limits.writeTurnsAtOnce - running.size;
      if (limit <= 0) return;
      const holder = holders();
      const leaseMs = leaseMsOf(deps);
      const request = {
        worker: holder,
        leaseMs,
        limit: Math.min(limit, limits.writeTurnsPerTenantAtOnce),
        // A customer whose system hangs costs the others nothing.
        busy: takenUp(running.values(), limits.writeTurnsPerTenantAtOnce),
        // Where the holder dies, the next one comes as soon as its lease is over.
        againMs: leaseMs,
      };
      const turns = await deps.db.tx((tx) => claimWriteTurns(tx, request), 'write.claim');
      for (const turn of turns) begin(turn, holder, round);
    },
    onFailed: failed,
  });
  return {
    wake: polling.wake,
    stop: async () => {
      await polling.stop();
      await Promise.all(running.keys());
    },
  };
}
