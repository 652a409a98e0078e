import type { AuditEntry } from '../audit/index.ts';
import { limits, type JsonObject, type TenantId } from '../kernel/index.ts';
import type { ApprovalNeed } from '../policy/index.ts';
import {
  addApproval,
  addApprovalCase,
  approvalTurnDue,
  approvalsOf,
  endApproval,
  endApprovalCase,
  glassWhole,
  lockApprovalCase,
  setApprovalReview,
  type ApprovalCaseRow,
  type ApprovalRow,
  type Tx,
} from '../store/index.ts';
import { nextState } from './approval-state.ts';
import { nameKey } from './may-decide.ts';
import { askFor } from './notices.ts';
import type { ApprovalDeps, ApprovalRequest } from './types.ts';

/**
 * Asks people, in the transaction that lets the plan wait. What was asked about
 * the plan before is withdrawn: it was about another payload. Without needs
 * only the review afterwards is opened.
 */
export async function openApprovals(
  deps: Pick<ApprovalDeps, 'audit'>,
  tx: Tx,
  request: ApprovalRequest,
): Promise<void> {
  const { tenant, plan, needs, review, requester, accountable } = request;
  const last = await lockApprovalCase(tx, tenant, plan);
  if (last !== null) await withdrawRound(tx, tenant, last);
  const round = (last?.round ?? 0) + 1;
  const waits = needs.length > 0;
  const about: ApprovalCaseRow = {
    plan,
    round,
    state: waits ? 'open' : 'reviewing',
    payloadHash: request.payloadHash,
    policyVersion: request.policyVersion,
    ...requester,
    // Who asked for it stays who asked, also where nobody but us asks again.
    operator: requester.operator ?? last?.operator ?? null,
    preparer: requester.preparer ?? last?.preparer ?? null,
    accountable,
    title: request.title,
    reason: request.reason?.slice(0, limits.approvalReasonCharsMax) ?? null,
    shown: request.shown,
    amount: request.amount,
    currency: request.currency,
    records: request.records,
    review: review === null ? null : (review as unknown as JsonObject),
    askedAt: tx.now,
    endedAt: waits ? null : tx.now,
    ...glassWhole,
  };
  await addApprovalCase(tx, tenant, about);
  const opened = await openNeeds(tx, { tenant, about, needs });
  const reviewed = waits || review === null ? [] : await openReview(tx, { tenant, about, review, barred: [] });
  await approvalTurnDue(tx, tenant, tx.now);
  await deps.audit(tx, tenant, [...opened, ...reviewed]);
}

async function openNeeds(
  tx: Tx,
  of: { readonly tenant: TenantId; readonly about: ApprovalCaseRow; readonly needs: readonly ApprovalNeed[] },
): Promise<AuditEntry[]> {
  const { tenant, about } = of;
  const entries: AuditEntry[] = [];
  for (const need of of.needs) {
    const dueAt = later(tx.now, need.slaMs);
    const row = {
      plan: about.plan,
      round: about.round,
      need: need.id,
      kind: 'approval',
      state: 'waiting',
      fromNames: namesOf(need),
      escalateTo: need.escalateTo,
      barred: barredBy(need, about),
      remindAt: later(tx.now, need.slaMs / 2),
      dueAt,
      expiresAt: later(tx.now, need.slaMs * limits.approvalExpirySlas),
    };
    const id = await addApproval(tx, tenant, row);
    await askFor(tx, tenant, id, 'asked');
    entries.push(askedEntry('approval_asked', about, { id, need, dueAt }));
  }
  return entries;
}

/**
 * Somebody is to look at a plan afterwards: once what is asked about it is
 * decided, or at once where nothing is. In the caller's transaction.
 */
export async function askReview(
  deps: Pick<ApprovalDeps, 'audit'>,
  tx: Tx,
  request: ApprovalRequest & { readonly review: ApprovalNeed },
): Promise<void> {
  const { tenant, plan, review } = request;
  const about = await lockApprovalCase(tx, tenant, plan);
  if (about?.state === 'open') {
    await setApprovalReview(tx, tenant, about, review as unknown as JsonObject);
  } else if (about?.state === 'approved') {
    await approvalTurnDue(tx, tenant, tx.now);
    await deps.audit(tx, tenant, await openReview(tx, { tenant, about, review, barred: [] }));
  } else {
    await openApprovals(deps, tx, { ...request, needs: [] });
  }
}

/** `barred`: who may not do it beside those who may not anyway. */
export async function openReview(
  tx: Tx,
  of: {
    readonly tenant: TenantId;
    readonly about: ApprovalCaseRow;
    readonly review: ApprovalNeed;
    readonly barred: readonly string[];
  },
): Promise<AuditEntry[]> {
  const { tenant, about, review } = of;
  const dueAt = later(tx.now, review.slaMs);
  const row = {
    plan: about.plan,
    round: about.round,
    need: review.id,
    kind: 'review',
    state: 'open',
    fromNames: namesOf(review),
    escalateTo: review.escalateTo,
    barred: [...new Set([...barredBy(review, about), ...of.barred.map(nameKey)])],
    remindAt: later(tx.now, review.slaMs / 2),
    dueAt,
    expiresAt: null,
  };
  const id = await addApproval(tx, tenant, row);
  await askFor(tx, tenant, id, 'review');
  return [askedEntry('review_opened', about, { id, need: review, dueAt })];
}

/**
 * The plan is over for another reason than a decision, and nothing of it was
 * written: nobody is asked any more. In the caller's transaction, which tells
 * the audit why.
 */
export async function closeApprovals(tx: Tx, of: { readonly tenant: TenantId; readonly plan: string }): Promise<void> {
  const last = await lockApprovalCase(tx, of.tenant, of.plan);
  if (last !== null) await withdrawRound(tx, of.tenant, last);
}

/** What is not decided of a round is withdrawn; what was decided stays as it is. */
export async function withdrawRound(tx: Tx, tenant: TenantId, about: ApprovalCaseRow): Promise<void> {
  const rows = await approvalsOf(tx, tenant, about);
  for (const row of rows) await withdraw(tx, tenant, row);
  if (about.state === 'open') {
    await endApprovalCase(tx, tenant, about, { state: 'withdrawn', glass: glassWhole });
  }
}

export async function withdraw(tx: Tx, tenant: TenantId, { id, kind, state }: ApprovalRow): Promise<void> {
  const next = nextState(kind, state, 'withdrawn');
  if (next !== null) await endApproval(tx, tenant, id, next);
}

const later = (from: Date, ms: number): Date => new Date(from.getTime() + Math.round(ms));

const namesOf = ({ from }: ApprovalNeed): readonly string[] | null => (from.kind === 'role' ? null : from.names);

/** Whoever asked, or prepared it, never decides; with strict four eyes, whoever answers for the agent does not either. */
function barredBy(
  { fourEyes }: ApprovalNeed,
  about: Pick<ApprovalCaseRow, 'principal' | 'operator' | 'preparer' | 'accountable'>,
): string[] {
  const { principal, operator, preparer, accountable } = about;
  const names = [principal, operator, preparer, fourEyes === 'strict' ? accountable : null];
  return [...new Set(names.flatMap((name) => (name === null ? [] : [nameKey(name)])))];
}

function askedEntry(
  kind: 'approval_asked' | 'review_opened',
  about: ApprovalCaseRow,
  { id, need, dueAt }: { readonly id: number; readonly need: ApprovalNeed; readonly dueAt: Date },
): AuditEntry {
  const names = namesOf(need);
  return {
    kind,
    actor: { kind: 'agent', agent: about.agent, principal: about.principal },
    subject: { plan: about.plan, approval: String(id) },
    reason: about.reason,
    amount: about.amount,
    detail: {
      title: about.title,
      need: need.id,
      from: names === null ? 'an approver' : names.join(' or '),
      due: dueAt.toISOString(),
      payload_hash: about.payloadHash,
      policy_version: about.policyVersion,
      round: about.round,
    },
  };
}
