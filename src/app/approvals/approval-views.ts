import type { ApprovalLine, ApprovalView } from '../../api/index.ts';
import { shownOf, type ToldApproval, type WholeApproval } from '../../approvals/index.ts';
import type { JsonObject } from '../../kernel/index.ts';
import { amountText } from '../../policy/index.ts';
import type { ApprovalCaseLine, ApprovalRow } from '../../store/index.ts';

/** `1,200 EUR, 1 record` */
export const worthOf = ({ amount, currency, records }: ApprovalCaseLine): string => {
  const money =
    amount === null ? 'Nobody can tell what it is worth' : amount === 0 ? 'No money' : amountText(amount, currency);
  return `${money}, ${records === 1 ? '1 record' : `${String(records)} records`}`;
};

const askedOf = ({ fromNames }: ApprovalRow): string => {
  if (fromNames === null) return 'any approver';
  return fromNames.length === 0 ? 'nobody who is known' : fromNames.join(' or ');
};

export const isOpen = ({ decidedAt }: ApprovalRow): boolean => decidedAt === null;

const isLate = ({ state }: ApprovalRow): boolean => state === 'escalated' || state === 'overdue';

/** For the list; no value of a customer's is in it. */
export function lineJson(tenant: string, { row, about }: ToldApproval): JsonObject {
  return {
    id: row.id,
    tenant,
    kind: row.kind,
    state: row.state,
    plan: row.plan,
    need: row.need,
    title: about.title,
    amount: about.amount,
    currency: about.currency,
    records: about.records,
    agent: about.agent,
    principal: about.principal,
    asked_of: row.fromNames === null ? null : [...row.fromNames],
    asked_at: row.askedAt.toISOString(),
    due_at: row.dueAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    decided_by: row.decider,
    decided_at: row.decidedAt?.toISOString() ?? null,
  };
}

/** `sentBack`: why people are asked again; null: they are asked for the first time, or no more. */
export function wholeJson(tenant: string, whole: WholeApproval, sentBack: string | null): JsonObject {
  const { row, about, round, notices } = whole;
  const shown = shownOf(about);
  return {
    ...lineJson(tenant, whole),
    round: row.round,
    sent_back: sentBack,
    seen: about.payloadHash,
    policy_version: about.policyVersion,
    changes: shown.changes.map(({ fields, ...change }) => ({
      ...change,
      fields: fields.map((field) => ({ ...field })),
    })),
    more_changes: shown.more,
    side_effects: [...shown.sideEffects],
    preconditions: [...shown.preconditions],
    warnings: [...shown.warnings],
    because: [...shown.because],
    agent_says: about.reason,
    accountable: about.accountable,
    requested_by: about.operator,
    reason: row.reason,
    decided_in: row.decidedIn,
    on_behalf_of: row.onBehalfOf,
    glass_broken_by: about.glassBy,
    glass_reason: about.glassReason,
    others: round
      .filter(({ id }) => id !== row.id)
      .map((each) => ({ id: each.id, kind: each.kind, need: each.need, state: each.state, decided_by: each.decider })),
    messages: notices.map(({ kind, recipient, state, attempts, cause, dueAt }) => ({
      kind,
      recipient,
      state,
      attempts,
      cause,
      next_try: state === 'due' ? dueAt.toISOString() : null,
    })),
  };
}

export function lineView(tenant: string, { row, about }: ToldApproval): ApprovalLine {
  return {
    tenant,
    id: row.id,
    kind: row.kind === 'review' ? 'review' : 'approval',
    title: about.title,
    worth: worthOf(about),
    asked: askedOf(row),
    due: row.dueAt,
    late: isLate(row),
  };
}

export function wholeView(tenant: string, whole: WholeApproval, viewer: string): ApprovalView {
  const { row, about, round } = whole;
  const shown = shownOf(about);
  return {
    ...lineView(tenant, whole),
    open: isOpen(row),
    state: row.state,
    seen: about.payloadHash,
    expires: row.expiresAt,
    because: shown.because,
    requester: `${about.operator ?? about.agent}${about.principal === null ? '' : ` for ${about.principal}`}`,
    agentSays: about.reason,
    changes: shown.changes.map(({ system, operation, object, record, fields }) => ({
      what: `${operation} ${object}${record === null ? '' : ` ${record}`} in ${system}`,
      fields,
    })),
    more: shown.more,
    notes: [...shown.sideEffects, ...shown.preconditions, ...shown.warnings],
    round: round.map((each) => `${askedOf(each)}: ${each.state}${each.decider === null ? '' : ` by ${each.decider}`}`),
    viewer,
    decided: decidedText(row),
  };
}

function decidedText({ decider, state, decidedAt, onBehalfOf }: ApprovalRow): string | null {
  if (decidedAt === null) return null;
  const at = `${decidedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (decider === null) return `It is ${state} since ${at}.`;
  return `${decider}${onBehalfOf === null ? '' : ` for ${onBehalfOf}`}: ${state}, ${at}.`;
}
