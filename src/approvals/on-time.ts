import type { AuditEntry } from '../audit/index.ts';
import { limits, type TenantId } from '../kernel/index.ts';
import {
  approvalsOf,
  endApproval,
  endApprovalCase,
  glassWhole,
  lockApprovalCase,
  lockWritePlans,
  moveApproval,
  readApproval,
  timelyApprovals,
  type ApprovalCaseRow,
  type ApprovalRow,
  type Tx,
} from '../store/index.ts';
import { nextState, timelyStates, type ApprovalEvent, type ReviewEvent } from './approval-state.ts';
import { withDelegates } from './delegates.ts';
import { askFor, type NoticeKind } from './notices.ts';
import { withdraw } from './open-approvals.ts';
import type { ApprovalDeps, ApprovalSettings } from './types.ts';

/** What time has brought, by the database's clock; the most first, so that nobody is reminded of what is over. */
export function dueEvent(
  row: Pick<ApprovalRow, 'kind' | 'state' | 'remindAt' | 'dueAt' | 'expiresAt'>,
  now: Date,
): 'never_came' | 'time_over' | 'half_time' | null {
  const events: readonly (readonly ['never_came' | 'time_over' | 'half_time', Date | null])[] = [
    ['never_came', row.expiresAt],
    ['time_over', row.dueAt],
    ['half_time', row.remindAt],
  ];
  const found = events.find(
    ([event, at]) => at !== null && at <= now && nextState(row.kind, row.state, event as ApprovalEvent | ReviewEvent),
  );
  return found?.[0] ?? null;
}

/**
 * Reminds, escalates and lets expire what is due of a tenant: each once,
 * whoever looks and however often, because the state moves in the same
 * transaction as the message is put down. Returns how many were moved.
 */
export async function moveOnTime(deps: ApprovalDeps, tenant: TenantId): Promise<number> {
  const due = await deps.db.tenantRead(tenant, (tx) =>
    timelyApprovals(tx, tenant, timelyStates, limits.approvalNoticesPerTurnMax),
  );
  const known = await deps.settings();
  let moved = 0;
  for (const { id } of due) {
    const state = await deps.db.tenantTx(
      tenant,
      (tx) => moveOne({ ...deps, known }, tx, tenant, id),
      'approvals.on_time',
    );
    if (state === null) continue;
    moved += 1;
    deps.onEvent({ kind: 'approval_moved', tenant, approval: id, state });
  }
  return moved;
}

async function moveOne(
  deps: ApprovalDeps & { readonly known: ApprovalSettings },
  tx: Tx,
  tenant: TenantId,
  id: number,
): Promise<string | null> {
  const found = await readApproval(tx, tenant, id);
  if (found === null) return null;
  await lockWritePlans(tx, tenant, [found.plan]);
  const about = await lockApprovalCase(tx, tenant, found.plan);
  const row = await readApproval(tx, tenant, id);
  if (about === null || row === null || row.decidedAt !== null) return null;
  const event = dueEvent(row, tx.now);
  const next = event === null ? null : nextState(row.kind, row.state, event);
  if (event === null || next === null) return null;
  const kind = noticeFor(row.kind, event);
  const isOver = event === 'never_came';
  await (isOver ? endApproval(tx, tenant, id, next) : moveApproval(tx, tenant, id, next));
  await askFor(tx, tenant, id, kind);
  const ended = isOver ? await expireRound(deps, tx, { tenant, about }) : [];
  const to = (await withDelegates(tx, deps.known, row, kind)).map((each) => each.slice(each.indexOf(':') + 1));
  await deps.audit(tx, tenant, [timeEntry(about, row, { event, to }), ...ended]);
  return next;
}

/** Nobody's word is a no, for the whole plan. */
async function expireRound(
  deps: ApprovalDeps,
  tx: Tx,
  { tenant, about }: { readonly tenant: TenantId; readonly about: ApprovalCaseRow },
): Promise<readonly AuditEntry[]> {
  for (const row of await approvalsOf(tx, tenant, about)) await withdraw(tx, tenant, row);
  if (about.state !== 'open') return [];
  await endApprovalCase(tx, tenant, about, { state: 'expired', glass: glassWhole });
  return deps.onDecided(tx, tenant, about.plan, { kind: 'expired' });
}

function noticeFor(kind: string, event: 'never_came' | 'time_over' | 'half_time'): NoticeKind {
  if (event === 'never_came') return 'expired';
  if (kind === 'review') return event === 'half_time' ? 'review_reminder' : 'review_overdue';
  return event === 'half_time' ? 'reminder' : 'escalated';
}

const auditKinds = {
  never_came: 'approval_expired',
  time_over: 'approval_escalated',
  half_time: 'approval_reminded',
} as const;

function timeEntry(
  about: ApprovalCaseRow,
  row: ApprovalRow,
  of: { readonly event: keyof typeof auditKinds; readonly to: readonly string[] },
): AuditEntry {
  const to = of.to.length === 0 ? {} : { to: of.to.join(', ') };
  return {
    kind: auditKinds[of.event],
    actor: { kind: 'gantry' },
    subject: { plan: about.plan, approval: String(row.id) },
    reason: null,
    amount: about.amount,
    detail: { title: about.title, need: row.need, due: row.dueAt.toISOString(), ...to },
  };
}
