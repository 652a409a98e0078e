import { askReview, approvalsStand, closeApprovals, openApprovals, type ApprovalDeps } from '../../approvals/index.ts';
import type { ApprovalRequest, ShownChange, ShownPlan } from '../../approvals/index.ts';
import { canonicalJson, limits, type Json, type TenantId } from '../../kernel/index.ts';
import type {
  FieldChange,
  PlanApprovals,
  PlannedWrite,
  UnseenCondition,
  WriteActor,
  WritePlan,
} from '../../write/index.ts';

/** How plans ask people: what is shown is made from what would be sent. */
export function createPlanApprovals(deps: Pick<ApprovalDeps, 'audit'>): PlanApprovals {
  return {
    open: (tx, { tenant, plan, needs, who }) =>
      openApprovals(deps, tx, { ...requestOf(tenant, plan, who), needs, review: null }),
    review: (tx, { tenant, plan, need, who }) =>
      askReview(deps, tx, { ...requestOf(tenant, plan, who), needs: [], review: need }),
    close: (tx, { tenant, plan }) => closeApprovals(tx, { tenant, plan }),
    fallen: async (tx, request) => {
      const standing = await approvalsStand(tx, { ...request, needed: false });
      return standing.kind === 'stand' ? null : standing.why;
    },
  };
}

function requestOf(tenant: TenantId, plan: WritePlan, who: WriteActor): Omit<ApprovalRequest, 'needs' | 'review'> {
  return {
    tenant,
    plan: plan.id,
    payloadHash: plan.payloadHash,
    policyVersion: plan.policyVersion,
    requester: {
      agent: plan.agent,
      principal: plan.principal,
      operator: who.kind === 'operator' ? who.name : null,
      preparer: plan.preparedBy ?? null,
    },
    accountable: plan.question.accountable,
    title: plan.title,
    reason: plan.intent.reason ?? null,
    shown: shownPlan(plan),
    amount: plan.impact.amount,
    currency: plan.impact.currency,
    records: plan.impact.records,
  };
}

/** Pure. */
export function shownPlan(plan: WritePlan): ShownPlan {
  const changes = plan.writes.slice(0, limits.approvalChangesKeptMax).map(shownChange);
  return {
    changes,
    more: plan.writes.length - changes.length,
    sideEffects: plan.sideEffects,
    preconditions: [...plan.preconditions, ...(plan.unseen ?? []).map(unseenText)],
    warnings: plan.warnings,
    because: plan.decision.because.map(({ rule, text }) => `${rule}: ${text}`),
  };
}

/** What the agent is not told. */
const unseenText = ({ text, fails }: UnseenCondition): string =>
  fails === 0
    ? `So of all records when it was prepared: ${text}`
    : `NOT SO of ${String(fails)} of the records when it was prepared: ${text}`;

/** Field by field as it goes to the system: what the plan says in the agent's words is beside it. */
function shownChange(write: PlannedWrite): ShownChange {
  const { slug, operation, object, label, recordId, match, changes } = write;
  const known = label ?? recordId ?? (match === null ? null : `${match.field} ${valueText(match.value)}`);
  return {
    system: slug,
    operation,
    object,
    record: known,
    fields: [...changes.map(changeFields), ...unsaid(write)],
  };
}

const changeFields = ({ label, field, before, after, hidden }: FieldChange): ShownChange['fields'][number] => ({
  field: label === field ? field : `${label} (${field})`,
  before: hidden === true ? 'not shown' : valueText(before),
  after: valueText(after),
});

/** What is sent under other names, or was not asked for in words (a default, a key): nothing goes past an approver. */
function unsaid({ values, before, changes }: PlannedWrite): ShownChange['fields'] {
  const said = new Map(changes.map(({ field, after }) => [field, canonicalJson(after)]));
  return Object.entries(values)
    .filter(([field, value]) => said.get(field) !== canonicalJson(value))
    .map(([field, value]) => ({ field, before: valueText(before?.[field] ?? null), after: valueText(value) }));
}

/** All of it, however long: what an approver is not shown could be what matters. A plan bounds what it holds. */
const valueText = (value: Json): string =>
  value === null ? 'empty' : typeof value === 'string' ? value : canonicalJson(value);
