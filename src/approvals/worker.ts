import { limits, numbered, startPolling, type Clock } from '../kernel/index.ts';
import { claimApprovalTurns, settleApprovalTurn, soonestApproval, soonestApprovalNotice } from '../store/index.ts';
import { timelyStates } from './approval-state.ts';
import { moveOnTime } from './on-time.ts';
import { tellDue, type TellDeps, type Turn } from './tell-due.ts';

export interface ApprovalWorker {
  readonly wake: () => void;
  /** Lets the attempts under way end. */
  stop(): Promise<void>;
}

/** Tells, reminds, escalates and lets expire. Any number of workers in any number of processes: leases keep them apart. */
export function startApprovalWorker(deps: TellDeps & { readonly clock: Clock }, name: string): ApprovalWorker {
  const running = new Set<Promise<void>>();
  const holders = numbered(name);
  const failed = (cause: unknown): void => deps.onEvent({ kind: 'approval_look_failed', cause });
  const polling = startPolling({
    clock: deps.clock,
    everyMs: limits.approvalPollMs,
    round: async ({ signal, wake }) => {
      const limit = limits.approvalTurnsAtOnce - running.size;
      if (limit <= 0) return;
      const worker = holders();
      const leaseMs = deps.leaseMs ?? limits.approvalLeaseMs;
      const request = { worker, leaseMs, limit, againMs: limits.approvalIdleMs };
      const turns = await deps.db.tx((tx) => claimApprovalTurns(tx, request), 'approvals.claim_turns');
      for (const tenant of turns) {
        const run: Promise<void> = runTurn(deps, { worker, tenant }, signal)
          .catch(failed)
          .finally(() => {
            running.delete(run);
            wake();
          });
        running.add(run);
      }
    },
    onFailed: failed,
  });
  return {
    wake: polling.wake,
    stop: async () => {
      await polling.stop();
      await Promise.all(running);
    },
  };
}

async function runTurn(deps: TellDeps, turn: Turn, signal: AbortSignal): Promise<void> {
  const { tenant, worker } = turn;
  // What failed is not tried again at once, however much of it is due.
  let retry = true;
  try {
    await moveOnTime(deps, tenant);
    await tellDue(deps, turn, signal);
    retry = false;
  } finally {
    const dueAt = await deps.db.tenantRead(tenant, async (tx) => {
      if (retry) return new Date(tx.now.getTime() + limits.approvalRetryMs);
      const latest = tx.now.getTime() + limits.approvalIdleMs;
      const times = [await soonestApproval(tx, tenant, timelyStates), await soonestApprovalNotice(tx, tenant)];
      return new Date(Math.min(latest, ...times.map((time) => time?.getTime() ?? latest)));
    });
    await deps.db.tx((tx) => settleApprovalTurn(tx, tenant, { worker, dueAt }), 'approvals.settle_turn');
  }
}
