import { limits, type TenantId } from '../kernel/index.ts';
import type { AlertRoute } from '../manifest/index.ts';
import {
  beginNotice,
  dueNotices,
  holdAlertTurn,
  moveNotice,
  readAlert,
  type AlertRow,
  type NoticeRow,
} from '../store/index.ts';
import { afterAttempt, type AttemptResult } from '../subscriptions/index.ts';
import type { AlertDeps } from './deps.ts';
import { INSTALLATION } from './installation-tenant.ts';
import { afterNoticeEvent, type NoticeKind } from './notice.ts';
import { sendMessage } from './send-message.ts';

/** What a turn's work needs to know. */
export interface Turn {
  readonly worker: string;
  readonly tenant: TenantId;
}

/**
 * Sends what is due. Routes go side by side, so that one that hangs holds up
 * no other; what one route is told goes in order, and after a failure the rest
 * of it waits for a later turn.
 */
export async function sendDue(deps: AlertDeps, turn: Turn, signal: AbortSignal): Promise<void> {
  const { tenant } = turn;
  const { routes } = await deps.settings();
  const slug = tenant === INSTALLATION ? null : await deps.slugOf(tenant);
  const due = await deps.db.tenantRead(tenant, (tx) => dueNotices(tx, tenant, limits.alertNoticesPerTurnMax));
  const names = [...new Set(due.map(({ route }) => route))];
  await Promise.all(
    names.map(async (name) => {
      for (const notice of due.filter(({ route }) => route === name)) {
        if (signal.aborted) return;
        const route = routes.get(name) ?? null;
        if ((await sendOne(deps, turn, { notice, route, slug })) === 'stop') return;
      }
    }),
  );
}

interface One {
  readonly notice: NoticeRow;
  /** Null: the project has it no more. */
  readonly route: AlertRoute | null;
  readonly slug: string | null;
}

async function sendOne(deps: AlertDeps, turn: Turn, { notice, route, slug }: One): Promise<'sent' | 'stop'> {
  const { tenant } = turn;
  const leaseMs = deps.leaseMs ?? limits.alertLeaseMs;
  // Counted before it is sent: after an attempt that was cut off nobody knows whether it arrived.
  const begun = await deps.db.tenantTx(
    tenant,
    async (tx): Promise<{ readonly alert: AlertRow; readonly attempts: number } | null> => {
      if (!(await holdAlertTurn(tx, tenant, { worker: turn.worker, leaseMs }))) return null;
      const alert = await readAlert(tx, tenant, notice.alert);
      if (alert === null || route === null) {
        const state = afterNoticeEvent('needless');
        await moveNotice(tx, tenant, notice, { state, dueAt: tx.now, cause: 'route_gone', endedAt: tx.now });
        return null;
      }
      const again = new Date(tx.now.getTime() + leaseMs);
      const attempts = await beginNotice(tx, tenant, notice, again);
      return attempts === null ? null : { alert, attempts };
    },
    'alerts.begin_attempt',
  );
  if (begun === null || route === null) return 'stop';
  const { alert, attempts } = begun;
  const told = { kind: notice.kind as NoticeKind, tenant: slug, alert };
  const result = await sendMessage(deps, route, { id: messageId(tenant, notice), told });
  return keepAttempt(deps, turn, { notice, attempts, result });
}

async function keepAttempt(
  deps: AlertDeps,
  { tenant, worker }: Turn,
  {
    notice,
    attempts,
    result,
  }: { readonly notice: NoticeRow; readonly attempts: number; readonly result: AttemptResult },
): Promise<'sent' | 'stop'> {
  const fraction = deps.random.fraction();
  const kept = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      // Whoever has the turn now sends it again; receivers know it by its id.
      if (!(await holdAlertTurn(tx, tenant, { worker, leaseMs: deps.leaseMs ?? limits.alertLeaseMs }))) return null;
      const { event, dueAt } = afterAttempt(result, { attempts: attempts - 1, now: tx.now, fraction });
      const state = afterNoticeEvent(event === 'accepted' || event === 'exhausted' ? event : 'failed');
      const endedAt = state === 'due' ? null : tx.now;
      await moveNotice(tx, tenant, notice, { state, dueAt, cause: result.cause, endedAt });
      return state;
    },
    'alerts.keep_attempt',
  );
  if (kept === 'sent') return 'sent';
  if (kept !== null) {
    const { alert, route } = notice;
    const { status, cause } = result;
    deps.onEvent({ kind: 'alert_not_sent', tenant, alert, route, attempts, status, cause, dead: kept === 'dead' });
  }
  return 'stop';
}

/** The same at every attempt, and different for every message. */
export const messageId = (tenant: TenantId, { alert, route, kind, number }: NoticeRow): string =>
  `alert_${String(tenant)}_${String(alert)}_${kind}_${String(number)}_${route}`;
