import { limits, type Json } from '../../kernel/index.ts';
import { planLink } from '../../mcp/index.ts';
import type { FieldChange, PlannedWrite, PlanStatus, WritePlan } from '../../write/index.ts';

/** A plan as agents are told of it: short, with the first writes; the rest is behind a link. */
export function planAnswer(plan: WritePlan): object {
  const { id, title, writes, problems, warnings, sideEffects, preconditions, impact, decision, cost } = plan;
  return {
    plan_id: id,
    title,
    status: problems.length > 0 ? 'has_problems' : 'prepared',
    next: nextStep(plan),
    records: impact.records,
    ...(plan.steps === undefined ? {} : { steps: plan.steps.map(({ title: text }) => text) }),
    ...(plan.onFailure === undefined ? {} : { on_failure: plan.onFailure }),
    changes: writes.slice(0, limits.planRowsShown).map(changeAnswer),
    ...(writes.length > limits.planRowsShown ? { more: planLink(id, limits.planRowsShown) } : {}),
    ...listed('problems', problems),
    ...listed('warnings', warnings),
    ...listed('side_effects', sideEffects),
    ...listed('preconditions', preconditions),
    safety: plan.safety,
    impact: { amount: impact.amount, currency: impact.currency, why: impact.why },
    // Of nothing nobody has to decide, and nothing can be taken back.
    ...(writes.length === 0
      ? {}
      : { decision: decisionAnswer(plan), undo: leastOf(writes.map(({ reversibility }) => reversibility)) }),
    ...(cost.length === 0
      ? {}
      : { calls: Object.fromEntries(cost.map(({ connection, calls }) => [connection, calls])) }),
    ...(decision.kind === 'propose' ? {} : { dedupe: [...new Set(writes.map(({ dedupe }) => dedupe))] }),
    expires_at: plan.expiresAt.toISOString(),
  };
}

function nextStep({ problems, decision }: WritePlan): string {
  if (problems.length > 0) return 'Put the problems right and prepare it again: this plan cannot be committed.';
  switch (decision.kind) {
    case 'allow':
      return 'Nothing was sent. commit_write sends it.';
    case 'approve':
      return 'Nothing was sent. commit_write asks people to approve it; it is sent when they do.';
    case 'propose':
      return 'Gantry may not send it. commit_write keeps it as a proposal for a person to carry out.';
    case 'forbid':
      return 'It is not allowed: commit_write would refuse it.';
  }
}

function decisionAnswer({ decision }: WritePlan): object {
  const because = decision.because.map(({ rule, text }) => `${rule}: ${text}`);
  if (decision.kind !== 'approve') return { kind: decision.kind, because };
  const needs = decision.needs.map(({ from, slaMs }) => ({
    from: from.kind === 'role' ? 'an approver' : from.names,
    within_minutes: Math.round(slaMs / 60_000),
  }));
  return { kind: decision.kind, because, needs };
}

const degrees = ['exact', 'compensating', 'none'] as const;

/** What can be taken back of the whole is what can be of its worst part. */
const leastOf = (all: readonly (typeof degrees)[number][]): string =>
  degrees[Math.max(0, ...all.map((each) => degrees.indexOf(each)))] ?? 'exact';

const listed = (name: string, items: readonly unknown[]): object => (items.length === 0 ? {} : { [name]: items });

/** One write: the record, and each field as it is and as it would be. */
export function changeAnswer(write: PlannedWrite): object {
  const { slug, object, operation, recordId, label, changes, item, takesBack } = write;
  return {
    item,
    operation,
    ...(recordId === null ? { in: `${slug}/${object}` } : { ref: `${slug}/${object}/${recordId}` }),
    ...(label === null ? {} : { label }),
    ...(takesBack === undefined ? {} : { takes_back_step: takesBack.step }),
    ...(changes.length === 0 ? {} : { fields: Object.fromEntries(changes.map(fieldAnswer)) }),
  };
}

const fieldAnswer = ({ field, before, after, hidden }: FieldChange): [string, object] => [
  field,
  hidden === true ? { to: cut(after) } : { from: cut(before), to: cut(after) },
];

/** A long value is shown by its beginning: the whole is in the plan itself. */
function cut(value: Json): Json {
  const text = typeof value === 'string' ? value : null;
  if (text === null || text.length <= limits.planValueCharsMax) return value;
  return `${text.slice(0, limits.planValueCharsMax)}…`;
}

export function pageAnswer(plan: WritePlan, from: number): object {
  const to = from + limits.planPageMax;
  const { id, title, writes } = plan;
  return {
    plan_id: id,
    title,
    changes: writes.slice(from, to).map(changeAnswer),
    ...(writes.length > to ? { next: planLink(id, to) } : {}),
  };
}

export function statusAnswer({ plan, state, text, counts, writes, detail }: PlanStatus): object {
  return {
    plan_id: plan,
    status: state,
    text,
    counts,
    ...(writes.length === 0
      ? {}
      : {
          writes: writes.map(({ code, text: why, ...rest }) => ({ ...rest, ...(code === null ? {} : { code, why }) })),
        }),
    ...detail,
  };
}
