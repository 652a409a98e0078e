import type { AuditEntry } from '../audit/index.ts';
import { GantryError, type TenantId } from '../kernel/index.ts';
import type { PolicyDecision } from '../policy/index.ts';
import {
  lockWritePlans,
  openSwitches,
  readWriteContents,
  readWritePlan,
  type Tx,
  type WritePlanRow,
} from '../store/index.ts';
import { stopAmong, type Stop } from '../switches/index.ts';
import type { WriteActor, WriteDeps } from './deps.ts';
import { agentOf, planEntry } from './entries.ts';
import { cancelPlanned, followPlans, movePlan, planUnknown, releaseStep } from './move-plan.ts';
import { operationsOf } from './operations-of.ts';
import { actBy } from './persons-undo.ts';
import { asJson, contentOf, planOf } from './plan-row.ts';
import { statusOfRow } from './plan-status.ts';
import type { PlanStatus, WritePlan } from './types.ts';
import { watchAccepted } from './watched.ts';

/**
 * The plan is to be carried out. Once for ever: whatever was decided the first
 * time is the answer of every later time. Everything that follows (decision,
 * audit, queue) is one transaction. Raises `write_plan_unknown`,
 * `write_plan_has_problems`, `write_plan_expired`, `writes_stopped`,
 * `approval_unavailable`.
 */
export async function commitPlan(deps: WriteDeps, tenant: TenantId, id: string, who: WriteActor): Promise<PlanStatus> {
  const watch = (await deps.watch?.()) ?? null;
  const done = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const [row] = await lockWritePlans(tx, tenant, [id]);
      if (row === undefined || !isOf(row, who)) throw planUnknown(id);
      const entries: AuditEntry[] = [];
      let now: Acceptance = { row, accepted: null };
      const overdue = row.state === 'prepared' && row.expiresAt <= tx.now;
      if (overdue) {
        const moved = await movePlan(tx, tenant, row, 'expired', { reason: 'Nobody committed it in time.' });
        await cancelPlanned(tx, tenant, [id], { code: 'withdrawn' });
        now = { row: moved ?? row, accepted: null };
        entries.push(planEntry('plan_expired', row, { actor: who }));
      } else if (row.state === 'prepared') now = await accept(deps, tx, tenant, { row, who, entries });
      const status = await statusOfRow(tx, tenant, now.row);
      entries.push(...(await watchAccepted(tx, tenant, watch, now.accepted)));
      await deps.audit(tx, tenant, entries);
      return { status, expired: overdue || (row.state === 'expired' && row.acceptedAt === null) };
    },
    'write.commit',
  );
  if (done.expired) {
    throw new GantryError('write_plan_expired', { message: 'The plan was not committed in time.', where: id });
  }
  return done.status;
}

/** A plan is its agent's and user's, unless a person had it prepared; operators see all. */
export const isOf = (row: Pick<WritePlanRow, 'agent' | 'principal' | 'content'>, who: WriteActor): boolean =>
  who.kind !== 'agent' ||
  (who.agent === row.agent && who.principal === row.principal && contentOf(row).preparedBy === undefined);

interface Accepting {
  readonly row: WritePlanRow;
  readonly who: WriteActor;
  readonly entries: AuditEntry[];
}

interface Acceptance {
  /** As it is now. */
  readonly row: WritePlanRow;
  /** Null: it is not accepted. */
  readonly accepted: WritePlan | null;
}

async function accept(deps: WriteDeps, tx: Tx, tenant: TenantId, accepting: Accepting): Promise<Acceptance> {
  const plan = planOf(accepting.row, await readWriteContents(tx, tenant, accepting.row.id));
  refuseProblems(plan);
  const stop = await stopOf(tx, tenant, plan, 'accept');
  if (stop !== null) throw stopped(stop);
  const decision = await deps.rules.decide(tx, tenant, plan);
  const row = await carryOut(deps, tx, tenant, { ...accepting, plan: { ...plan, decision }, decision });
  return { row, accepted: decision.kind === 'allow' || decision.kind === 'approve' ? plan : null };
}

function refuseProblems({ id, problems }: WritePlan): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new GantryError('write_plan_has_problems', {
    message: `The plan cannot be committed: ${first.message}`,
    where: first.at === '' ? id : first.at,
    fix: first.fix,
    data: { problems: problems.slice(0, PROBLEMS_TOLD).map(asJson), count: problems.length },
  });
}

const PROBLEMS_TOLD = 20;

async function carryOut(
  deps: WriteDeps,
  tx: Tx,
  tenant: TenantId,
  { row, who, entries, plan, decision }: Accepting & { readonly plan: WritePlan; readonly decision: PolicyDecision },
): Promise<WritePlanRow> {
  const why = decision.because.map(({ text }) => text).join(' ');
  const told = { ...row, content: { ...row.content, decision: asJson(decision) } };
  const detail = { policy_version: plan.policyVersion, payload_hash: plan.payloadHash };
  switch (decision.kind) {
    case 'allow': {
      entries.push(planEntry('plan_committed', told, { actor: who, detail }));
      const moved = await movePlan(tx, tenant, row, 'allowed', { reason: why, accepted: true });
      const released = await release(tx, tenant, { row: moved, plan, entries });
      await deps.rules.accepted(tx, tenant, plan);
      if (decision.review !== null && deps.approvals !== null)
        await deps.approvals.review(tx, { tenant, plan, need: decision.review, who });
      return released ?? row;
    }
    case 'approve': {
      if (deps.approvals === null) throw noApprovals(row.id);
      const moved = await movePlan(tx, tenant, row, 'gated', { reason: why, accepted: true });
      await deps.rules.accepted(tx, tenant, plan);
      await deps.approvals.open(tx, { tenant, plan, needs: decision.needs, who });
      if (decision.review !== null) await deps.approvals.review(tx, { tenant, plan, need: decision.review, who });
      entries.push(planEntry('plan_committed', told, { actor: who, detail }));
      return moved ?? row;
    }
    case 'propose': {
      const moved = await movePlan(tx, tenant, row, 'proposed', { reason: why, accepted: true });
      entries.push(planEntry('plan_committed', told, { actor: who, detail }));
      return moved ?? row;
    }
    case 'forbid': {
      const moved = await movePlan(tx, tenant, row, 'forbidden', { reason: why });
      await cancelPlanned(tx, tenant, [row.id], { code: 'policy_forbids' });
      entries.push(planEntry('plan_refused', told, { actor: who, detail }));
      return moved ?? row;
    }
  }
}

/** The plan as it is then. */
async function release(
  tx: Tx,
  tenant: TenantId,
  {
    row,
    plan,
    entries,
  }: { readonly row: WritePlanRow | null; readonly plan: WritePlan; readonly entries: AuditEntry[] },
): Promise<WritePlanRow | null> {
  const hasGone = await releaseStep(tx, tenant, plan.id, firstStep(plan));
  if (!hasGone || row === null) return row;
  await followPlans(tx, tenant, [row], entries);
  return readWritePlan(tx, tenant, plan.id);
}

const firstStep = ({ writes }: WritePlan): number =>
  writes.reduce((least, { step }) => Math.min(least, step), Number.MAX_SAFE_INTEGER);

/** The first switch that is against any part of the plan. */
export async function stopOf(
  tx: Tx,
  tenant: TenantId,
  plan: WritePlan,
  step: 'prepare' | 'accept',
): Promise<Stop | null> {
  const parts = new Map(plan.writes.map((write) => [`${write.slug} ${write.object} ${write.operation}`, write]));
  const intent = plan.intent.intent ?? null;
  const by = actBy({ ...plan, intent }, plan.writes[0] ?? {});
  const switches = await openSwitches(tx, tenant);
  for (const { slug, object, operation } of parts.values()) {
    const act = { connection: slug, object, operations: operationsOf(operation, intent), ...by };
    const stop = stopAmong(switches, step, act);
    if (stop !== null) return stop;
  }
  return parts.size === 0 ? stopAmong(switches, step, by) : null;
}

export const stopped = ({ reason, by, mode, global }: Stop): GantryError =>
  new GantryError('writes_stopped', {
    message: `${by} has stopped writes${global ? ' everywhere' : ''}: ${reason}`,
    data: { mode },
  });

const noApprovals = (id: string): GantryError =>
  new GantryError('approval_unavailable', {
    message: 'This plan needs an approval, and there is nobody to ask.',
    where: id,
  });

/**
 * What people decided, in the transaction of their decision; what to tell the
 * audit of it. Nothing happens where the plan does not wait for them any more.
 */
export async function decided(
  deps: WriteDeps,
  tx: Tx,
  { tenant, plan: id, outcome }: { readonly tenant: TenantId; readonly plan: string; readonly outcome: PlanOutcome },
): Promise<readonly AuditEntry[]> {
  const [row] = await lockWritePlans(tx, tenant, [id]);
  if (row === undefined || row.state !== 'awaiting_approval') return [];
  if (outcome.kind === 'approved') {
    const moved = await movePlan(tx, tenant, row, 'approved', { reason: `${outcome.by} approved it.`, approved: true });
    const plan = planOf(row, await readWriteContents(tx, tenant, id));
    const entries: AuditEntry[] = [];
    await release(tx, tenant, { row: moved, plan, entries });
    return entries;
  }
  const denied = outcome.kind === 'rejected';
  const reason = denied ? `${outcome.by} said no.` : 'Nobody decided in time, which means no.';
  await movePlan(tx, tenant, row, outcome.kind, { reason });
  await cancelPlanned(tx, tenant, [id], { code: denied ? 'rejected' : 'approval_expired' });
  await deps.rules.dropped(tx, tenant, id);
  const detail = { why: denied ? outcome.reason : null };
  return [planEntry(denied ? 'plan_refused' : 'plan_expired', row, { actor: agentOf(row), detail })];
}

/** Of all approvals that a plan needs, together. */
export type PlanOutcome =
  | { readonly kind: 'approved'; readonly by: string }
  | { readonly kind: 'rejected'; readonly by: string; readonly reason: string | null }
  | { readonly kind: 'expired' };
