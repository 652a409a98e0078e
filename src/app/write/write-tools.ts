import { GantryError, limits } from '../../kernel/index.ts';
import type { CallerContext, Keyed, UndoRequest, WriteServices } from '../../mcp/index.ts';
import {
  planOperation,
  planSteps,
  planWrite,
  undoSight,
  type Asker,
  type PlanPorts,
  type PlanState,
  type WriteActor,
  type WritePlan,
  type Writes,
} from '../../write/index.ts';
import type { AskerOf } from './askers.ts';
import { pageAnswer, planAnswer, statusAnswer } from './plan-answer.ts';
import { asShownNow } from './plan-sight.ts';
import { nothingToUndo, undoAnswer } from './undo-answer.ts';
import type { Rules } from './plan-rules.ts';

export interface WriteToolDeps {
  readonly writes: Writes;
  readonly rules: Pick<Rules, 'ready'>;
  readonly askerOf: AskerOf;
  readonly portsFor: (asker: Asker) => PlanPorts;
}

/** Writing, as agents do it: what stands behind the tools, at every door. */
export function createWriteTools(deps: WriteToolDeps): WriteServices {
  const { writes, rules } = deps;
  return {
    prepare: (context, intent, keyed) =>
      prepared(deps, context, keyed, (ports, asker) => planWrite(ports, asker, intent)),
    operation: (context, request, keyed) =>
      prepared(deps, context, keyed, (ports, asker) => planOperation(ports, asker, request)),
    steps: (context, request, keyed) =>
      prepared(deps, context, keyed, (ports, asker) => planSteps(ports, asker, request)),
    commit: async (context, { plan }) => {
      const { tenant } = context.caller;
      await rules.ready(tenant);
      return statusAnswer(await writes.commit(tenant, plan, actorOf(context)));
    },
    status: async (context, { plan }) => {
      await ownPlan(deps, context, plan);
      const status = await writes.status(context.caller.tenant, plan);
      if (status === null) throw planUnknown(plan);
      return statusAnswer(status);
    },
    cancel: (context, { plan }) => cancelled(deps, context, plan),
    undo: (context, request) => undone(deps, context, request),
    page: async (context, { plan, from }) => {
      const asker = await deps.askerOf(context);
      const own = await ownPlan(deps, context, plan);
      const part = { from, to: from + limits.planPageMax };
      return pageAnswer(await asShownNow(asker, deps.portsFor(asker), own, part), from);
    },
  };
}

/** Of a plan that was committed; one that was not is nothing to wait for, and so nothing to cancel. */
async function cancelled({ writes }: WriteToolDeps, context: CallerContext, id: string): Promise<object> {
  const { tenant } = context.caller;
  await ownPlan({ writes }, context, id);
  if ((await writes.status(tenant, id))?.state === 'prepared') throw notCommitted(id);
  try {
    return statusAnswer(await writes.withdraw(tenant, id, { who: actorOf(context), reason: null }));
  } catch (error) {
    // It ended before this came: what it did stays, and can be undone.
    if (!(error instanceof GantryError) || error.code !== 'write_state_conflict') throw error;
    const status = await writes.status(tenant, id);
    if (status === null) throw planUnknown(id);
    return statusAnswer(status);
  }
}

/** What was written of it stands there, or was taken back in another way. */
const undoable: ReadonlySet<string> = new Set<PlanState>(['done', 'stopped', 'taken_back', 'partly_taken_back']);

/** Of a plan that has not ended nothing more is sent; of one that has, a plan that takes it back. */
async function undone(
  { writes, rules, askerOf, portsFor }: WriteToolDeps,
  context: CallerContext,
  { plan: id, item, reason }: UndoRequest,
): Promise<object> {
  const { tenant } = context.caller;
  const who = actorOf(context);
  await ownPlan({ writes }, context, id);
  const status = await writes.status(tenant, id);
  if (status === null) throw planUnknown(id);
  if (status.state === 'taking_back') return statusAnswer(status);
  if (!undoable.has(status.state)) {
    return statusAnswer(await writes.withdraw(tenant, id, { who, reason: reason ?? null }));
  }
  await rules.ready(tenant);
  const scope = item === undefined ? { kind: 'plan' as const, plan: id } : { kind: 'write' as const, plan: id, item };
  const asker = await askerOf(context);
  const sight = undoSight(asker, portsFor(asker));
  const asked = {
    scope,
    who,
    conflicts: 'leave' as const,
    dryRun: false,
    sight,
    readUntrusted: asker.readUntrusted,
    ...(reason === undefined ? {} : { reason }),
  };
  const [own] = await writes.prepareUndo(tenant, asked);
  return own === undefined ? nothingToUndo(id) : undoAnswer(id, own);
}

async function prepared(
  { writes, askerOf, portsFor }: WriteToolDeps,
  context: CallerContext,
  keyed: Keyed | null,
  plan: (ports: PlanPorts, asker: Asker) => Promise<WritePlan>,
): Promise<object> {
  const { tenant, agent, principal } = context.caller;
  const whose = { agent, principal: principal?.principal ?? null };
  const asker = await askerOf(context);
  // Before anything is thought through: what was prepared once is the answer, as far as it is shown still.
  const earlier = keyed === null ? null : await writes.ofKey(tenant, whose, keyed);
  if (earlier !== null) {
    const own = ownOf(context, earlier);
    return planAnswer(await asShownNow(asker, portsFor(asker), own, { from: 0, to: own.writes.length }));
  }
  const made = await plan(portsFor(asker), asker);
  const kept = await writes.keep(tenant, made, keyed);
  return planAnswer(ownOf(context, kept.plan));
}

const actorOf = ({ caller }: CallerContext): WriteActor => ({
  kind: 'agent',
  agent: caller.agent,
  principal: caller.principal?.principal ?? null,
});

/** A plan is its agent's, and its user's: for others there is none. */
async function ownPlan(
  { writes }: Pick<WriteToolDeps, 'writes'>,
  context: CallerContext,
  id: string,
): Promise<WritePlan> {
  const plan = await writes.read(context.caller.tenant, id);
  if (plan === null) throw planUnknown(id);
  return ownOf(context, plan);
}

/** What a person has prepared over an agent's writes may name what the agent is not shown: it is that person's. */
function ownOf({ caller }: CallerContext, plan: WritePlan): WritePlan {
  const isOwn = plan.agent === caller.agent && plan.principal === (caller.principal?.principal ?? null);
  if (isOwn && plan.preparedBy === undefined) return asTold(plan);
  throw planUnknown(plan.id);
}

/** What taking back sets is what stood there before, which the agent may not have been shown. */
const asTold = (plan: WritePlan): WritePlan => ({
  ...plan,
  writes: plan.writes.map((write) => (write.takesBack === undefined ? write : { ...write, changes: [] })),
});

const planUnknown = (id: string): GantryError =>
  new GantryError('write_plan_unknown', { message: 'There is no such plan of yours.', where: id });

const notCommitted = (id: string): GantryError =>
  new GantryError('write_state_conflict', {
    message: 'There is no such task: the plan was not committed.',
    where: id,
    fix: 'It ends by itself when its time is over.',
  });
