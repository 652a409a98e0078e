import type { AuditEntry } from '../audit/index.ts';
import type { RecordImage } from '../connectors/index.ts';
import type { Json } from '../kernel/index.ts';
import type { PolicyDecision } from '../policy/index.ts';
import {
  lockWritePlans,
  readWriteContents,
  recallWrites,
  renewWritePlan,
  type Tx,
  type WritePlanRow,
} from '../store/index.ts';
import { agentOf, gantry, planEntry } from './entries.ts';
import { grouped } from './grouped.ts';
import { equal } from './images.ts';
import { keepConflicts, type Conflict } from './keep-outcomes.ts';
import { cancelPlanned, movePlan } from './move-plan.ts';
import { asJson, planOf, planRow, writeRows } from './plan-row.ts';
import { nextPlanState, type PlanState } from './plan-state.ts';
import { payloadHash } from './plan/plan-write.ts';
import { holdTurn, type Turn } from './turn.ts';
import { nextWriteState, writeStatesBefore } from './write-state.ts';
import type { PlannedWrite, WritePlan } from './types.ts';

/**
 * Writes that must not be sent as they are. Where people approved them and
 * nothing of their plan was sent yet, the whole plan goes back to those people:
 * an approval is of what would be sent, of what stood there and of the rules.
 * Anything else ends.
 */
export async function endConflicts(turn: Turn, conflicts: readonly Conflict[]): Promise<void> {
  const ending: Conflict[] = [];
  for (const own of grouped(conflicts, ({ queued }) => queued.plan).values()) {
    const asksAgain = own.some(({ queued, code }) => queued.approved && sentBack.has(code));
    if (!asksAgain || !(await sendBack(turn, own))) ending.push(...own);
  }
  if (ending.length > 0) await keepConflicts(turn, ending);
}

const sentBack: ReadonlySet<string> = new Set(['record_changed', 'approval_fallen']);

/** False: it cannot go back any more. */
async function sendBack(turn: Turn, conflicts: readonly Conflict[]): Promise<boolean> {
  const { deps } = turn;
  const { tenant } = turn.turn;
  const [first] = conflicts;
  if (first === undefined) return true;
  const { plan, agent } = first.queued;
  await deps.rules.ready(tenant);
  const { policyVersion } = await deps.factsOf(tenant, agent);
  return deps.db.tenantTx(
    tenant,
    async (tx) => {
      const [row] = await lockWritePlans(tx, tenant, [plan]);
      if (row === undefined || !row.approved || nextPlanState(row.state as PlanState, 'fell') === null) return false;
      const known = planOf(row, await readWriteContents(tx, tenant, plan));
      const now = asItStands(known, new Map(conflicts.map((each) => [each.write.key, each])));
      // What the rules were asked was put together for those of then.
      const decision = row.policyVersion === policyVersion ? await deps.rules.decide(tx, tenant, now) : otherRules;
      await holdTurn(tx, turn);
      const { why, code } = reasonOf(first);
      const about = { row, plan: { ...now, decision }, known, why, code };
      if (decision.kind === 'approve') return askAgain(tx, turn, about, decision);
      if (decision.kind === 'forbid') return refuse(tx, turn, about);
      return false;
    },
    'write.send_back',
  );
}

const otherRules: PolicyDecision = {
  kind: 'forbid',
  because: [
    { rule: 'policy_changed', text: 'The rules are others than when the plan was prepared: prepare it again.' },
  ],
};

const reasonOf = ({ code, why }: Conflict): { readonly code: string; readonly why: string } => ({
  code,
  why: why ?? 'a record was changed since',
});

interface Fallen {
  readonly row: WritePlanRow;
  /** As it is now. */
  readonly plan: WritePlan;
  /** As it was approved. */
  readonly known: WritePlan;
  readonly why: string;
  readonly code: string;
}

async function askAgain(
  tx: Tx,
  { deps, turn: { tenant } }: Turn,
  { row, plan, known, why, code }: Fallen,
  { needs, review }: Extract<PolicyDecision, { readonly kind: 'approve' }>,
): Promise<boolean> {
  if (deps.approvals === null) return false;
  const state = nextWriteState('queued', 'recalled');
  if (state === null) throw new Error('a write that waits can be called back');
  await recallWrites(tx, tenant, row.id, { state, from: writeStatesBefore('recalled') });
  const { content } = planRow(plan, { now: tx.now });
  const before = new Map(known.writes.map((write) => [write.key, write]));
  const changed = { ...plan, writes: plan.writes.filter((write) => before.get(write.key) !== write) };
  await renewWritePlan(tx, tenant, { id: row.id, content, payloadHash: plan.payloadHash }, writeRows(changed));
  await movePlan(tx, tenant, row, 'fell', { reason: `It was approved, but ${why}.` });
  const who = agentOf(row);
  await deps.approvals.open(tx, { tenant, plan, needs, who });
  if (review !== null) await deps.approvals.review(tx, { tenant, plan, need: review, who });
  const detail = { why, code, changed: changed.writes.length, payload_hash: plan.payloadHash };
  await deps.audit(tx, tenant, [planEntry('plan_sent_back', { ...row, content }, { actor: gantry, detail })]);
  return true;
}

/** Nobody can agree to it any more. */
async function refuse(tx: Tx, { deps, turn: { tenant } }: Turn, { row, plan, why }: Fallen): Promise<boolean> {
  const because = plan.decision.because.map(({ text }) => text).join(' ');
  await movePlan(tx, tenant, row, 'forbidden', { reason: because });
  const isOther = plan.decision.because.some(({ rule }) => rule === 'policy_changed');
  await cancelPlanned(tx, tenant, [row.id], { code: isOther ? 'policy_changed' : 'policy_forbids' });
  await deps.approvals?.close(tx, { tenant, plan: row.id, why });
  await deps.rules.dropped(tx, tenant, row.id);
  const entries: AuditEntry[] = [
    planEntry('plan_refused', row, { actor: gantry, detail: { why, decision: asJson(plan.decision) } }),
  ];
  await deps.audit(tx, tenant, entries);
  return true;
}

/** Pure: the plan with what stands there now. What it is worth was reckoned from what stood there then. */
export function asItStands(
  plan: WritePlan,
  conflicts: ReadonlyMap<string, Pick<Conflict, 'code' | 'image'>>,
): WritePlan {
  const writes = plan.writes.map((write) => {
    const { code, image } = conflicts.get(write.key) ?? { code: '', image: null };
    return code === 'record_changed' && image !== null && !image.missing ? withImage(write, image) : write;
  });
  if (writes.every((write, index) => write === plan.writes[index])) return plan;
  const worth = { amount: null, currency: null };
  const isMoney = plan.impact.amount !== 0;
  return {
    ...plan,
    writes,
    payloadHash: payloadHash(writes, plan.onFailure),
    warnings: [...plan.warnings.filter((text) => text !== changedSince), changedSince],
    impact: isMoney ? { ...plan.impact, ...worth, why: changedSince } : plan.impact,
    question: isMoney ? { ...plan.question, ...worth } : plan.question,
  };
}

const changedSince = 'Records were changed since it was prepared; it would change what stands there now.';

/**
 * What cannot be said in the agent's words is not: people see every field under its own name beside them. What it is
 * worth was reckoned from what stood there then.
 */
function withImage(write: PlannedWrite, { values }: RecordImage): PlannedWrite {
  const before: { [field: string]: Json } = { ...write.before };
  const changed = new Set<string>();
  for (const field of new Set([...Object.keys(before), ...Object.keys(write.values)])) {
    const is = values[field];
    if (is === undefined || equal(is, before[field] ?? null)) continue;
    before[field] = is;
    changed.add(field);
  }
  const changes = write.changes.map((change) => {
    const { field } = change;
    const isOwn = field in write.values && equal(change.before, write.before?.[field] ?? null);
    const is = before[field];
    if (isOwn && is !== undefined) return { ...change, before: is };
    return changed.size === 0 ? change : { ...change, hidden: true };
  });
  const worth = write.worth === 0 ? 0 : null;
  return { ...write, before, changes, worth, currency: null };
}
