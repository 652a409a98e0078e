import { limits, tenantId, type TenantId } from '../kernel/index.ts';
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
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let claims = 0;
  let wakeUp: () => void = () => undefined;
  const failed = (cause: unknown): void => deps.onEvent({ kind: 'alert_look_failed', cause });

  const round = async (): Promise<void> => {
    const limit = limits.alertTurnsAtOnce - running.size;
    if (limit <= 0) return;
    const leaseMs = deps.leaseMs ?? limits.alertLeaseMs;
    // Another name for each claim: whoever lost a turn may be in this process.
    claims += 1;
    const worker = `${name}.${String(claims)}`;
    const request = { worker, leaseMs, limit, againMs: limits.alertLookMs };
    const turns = await deps.db.tx((tx) => claimAlertTurns(tx, request), 'alerts.claim_turns');
    for (const tenant of turns) begin({ worker, tenant });
  };
  const begin = (turn: { readonly worker: string; readonly tenant: TenantId }): void => {
    const run: Promise<void> = runTurn(deps, turn, stopping.signal)
      .catch(failed)
      .finally(() => {
        running.delete(run);
        wakeUp();
      });
    running.add(run);
  };
  const loop = async (): Promise<void> => {
    await deps.db.tx((tx) => enrolAlertTurns(tx), 'alerts.enrol').catch(failed);
    const stopListening = await deps.db.listen(connectionChannel, (payload) => {
      void lookSoon(deps, tenantId(Number(payload))).then(wakeUp);
    });
    while (!stopping.signal.aborted) {
      const rest = new AbortController();
      wakeUp = () => rest.abort(new Error('woken'));
      await round().catch(failed);
      if (!stopping.signal.aborted) await deps.clock.sleep(limits.alertPollMs, rest.signal).catch(() => undefined);
    }
    await stopListening();
  };
  const looping = loop().catch(failed);
  return {
    stop: async () => {
      stopping.abort(new Error('the worker stops'));
      wakeUp();
      await looping;
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
