import { limits, numbered, startPolling, tenantId, type TenantId } from '../kernel/index.ts';
import {
  alertTurnNow,
  claimAlertTurns,
  connectionChannel,
  enrolAlertTurns,
  settleAlertTurn,
  soonestNotice,
} from '../store/index.ts';
import type { AlertDeps } from './deps.ts';
import { INSTALLATION } from './installation-tenant.ts';
import { lookAt } from './look.ts';
import { sendDue } from './send-due.ts';

export interface AlertWorker {
  /** Lets the attempts under way end. */
  stop(): Promise<void>;
}

/** Looks at tenants and tells people. Any number of workers in any number of processes: leases in the database keep them apart. */
export function startAlertWorker(deps: AlertDeps, name: string): AlertWorker {
  const running = new Set<Promise<void>>();
  const holders = numbered(name);
  const failed = (cause: unknown): void => deps.onEvent({ kind: 'alert_look_failed', cause });
  const polling = startPolling({
    clock: deps.clock,
    everyMs: limits.alertPollMs,
    listen: async ({ wake }) => {
      await deps.db.tx((tx) => enrolAlertTurns(tx), 'alerts.enrol').catch(failed);
      return deps.db.listen(connectionChannel, (payload) => {
        void lookSoon(deps, tenantId(Number(payload))).then(wake);
      });
    },
    round: async ({ signal, wake }) => {
      const limit = limits.alertTurnsAtOnce - running.size;
      if (limit <= 0) return;
      const leaseMs = deps.leaseMs ?? limits.alertLeaseMs;
      const worker = holders();
      const request = { worker, leaseMs, limit, againMs: limits.alertLookMs };
      const turns = await deps.db.tx((tx) => claimAlertTurns(tx, request), 'alerts.claim_turns');
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
    stop: async () => {
      await polling.stop();
      await Promise.all(running);
    },
  };
}

/** Something happened to the tenant: it is looked at at once, by whichever process comes first. Raises nothing. */
export async function lookSoon(deps: Pick<AlertDeps, 'db' | 'onEvent'>, tenant: TenantId): Promise<void> {
  await deps.db
    .tx((tx) => alertTurnNow(tx, tenant), 'alerts.due_now')
    .catch((cause: unknown) => deps.onEvent({ kind: 'alert_look_failed', cause }));
}

async function runTurn(
  deps: AlertDeps,
  turn: { worker: string; tenant: TenantId },
  signal: AbortSignal,
): Promise<void> {
  const { worker, tenant } = turn;
  // Whoever was added since learns of it with the installation's own look.
  if (tenant === INSTALLATION) await deps.db.tx((tx) => enrolAlertTurns(tx), 'alerts.enrol_more');
  // A look that failed is no reason to keep back what was to be said before.
  const look = await lookAt(deps, worker, tenant).catch((cause: unknown) => {
    deps.onEvent({ kind: 'alert_look_failed', cause });
    return 'failed' as const;
  });
  // Somebody else has the turn: it is theirs to give back.
  if (look === null) return;
  await sendDue(deps, turn, signal);
  const dueAt = await deps.db.tenantRead(tenant, async (tx) => {
    const again = look === 'failed' ? new Date(tx.now.getTime() + limits.alertRetryMs) : look.next;
    const soonest = await soonestNotice(tx, tenant);
    return soonest !== null && soonest < again ? soonest : again;
  });
  await deps.db.tx((tx) => settleAlertTurn(tx, tenant, { worker, dueAt }), 'alerts.settle_turn');
}
