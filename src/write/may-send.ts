import { GantryError, limits } from '../kernel/index.ts';
import { openSwitches, type QueuedWrite } from '../store/index.ts';
import { stopAmong } from '../switches/index.ts';
import { stopped } from './commit.ts';
import { operationsOf } from './operations-of.ts';
import { actBy } from './persons-undo.ts';
import { writeOf } from './plan-row.ts';
import { trialOver, type Trials } from './trial-over.ts';
import { holdTurn, requireWorking, turnLost, type Turn } from './turn.ts';

export interface Gate {
  /** Asked before bytes leave. Raises where they must not. */
  readonly ask: () => Promise<void>;
  /** It said yes at least once. */
  readonly opened: () => boolean;
}

type Sent = Pick<QueuedWrite, 'agent' | 'principal' | 'intent' | 'object' | 'operation' | 'content' | 'deadlineAt'>;

/**
 * The last word before a call that may take effect: the turn is still ours, the
 * connection works, no switch is thrown, no deadline or trial has passed. An answer that
 * took too long is asked for again: a process that stood still in between must
 * not send by what was true before. `saidMs`: a transaction that began then has
 * said all of it (monotonic; null: none has), and counts as long as any answer.
 */
export function maySend(
  turn: Turn,
  {
    writes,
    trials,
    saidMs,
  }: { readonly writes: readonly Sent[]; readonly trials: Trials; readonly saidMs: number | null },
): Gate {
  const { deps } = turn;
  let opened = false;
  const acts = actsOf(turn, writes);
  const deadline = Math.min(...writes.map(({ deadlineAt }) => deadlineAt.getTime()));
  const check = (): Promise<void> =>
    deps.db.tenantTx(
      turn.turn.tenant,
      async (tx) => {
        await holdTurn(tx, turn);
        await requireWorking(tx, turn);
        const switches = await openSwitches(tx, turn.turn.tenant);
        for (const act of acts) {
          const stop = stopAmong(switches, 'send', act);
          if (stop !== null) throw stopped(stop);
        }
        if (deadline <= tx.now.getTime()) {
          throw new GantryError('write_state_conflict', { message: 'The time to send this is over.' });
        }
        for (const write of writes) {
          const why = trialOver(trials, write, { write: writeOf(write.content), now: tx.now });
          if (why !== null) throw new GantryError('write_state_conflict', { message: why });
        }
      },
      'write.may_send',
    );
  const isFresh = (startMs: number): boolean => deps.clock.monotonicMs() - startMs <= limits.writeSendWithinMs;
  return {
    opened: () => opened,
    ask: async () => {
      if (turn.signal.aborted) throw turnLost;
      if (saidMs !== null && isFresh(saidMs)) {
        opened = true;
        return;
      }
      for (let tries = 0; tries < TRIES; tries += 1) {
        if (turn.signal.aborted) throw turnLost;
        const startMs = deps.clock.monotonicMs();
        await check();
        if (isFresh(startMs)) {
          opened = true;
          return;
        }
      }
      throw new GantryError('store_timeout', { message: 'The database did not say in time that this may be sent.' });
    },
  };
}

const TRIES = 5;

function actsOf({ connection }: Turn, writes: readonly Sent[]) {
  const acts = writes.map((write) => ({
    connection: connection.slug,
    object: write.object,
    operations: operationsOf(write.operation, write.intent),
    ...actBy(write, writeOf(write.content)),
  }));
  return [...new Map(acts.map((act) => [JSON.stringify(act), act])).values()];
}
