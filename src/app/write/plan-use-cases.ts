import type { Operator, UndoWrites, WritePlanUseCases } from '../../api/index.ts';
import { GantryError, suggest, type Clock, type JsonObject, type TenantId } from '../../kernel/index.ts';
import { cleanJson } from '../../mcp/index.ts';
import type { Db } from '../../store/index.ts';
import {
  planTable,
  type PersonsWord,
  type PlanState,
  type UndoScope,
  type WriteActor,
  type Writes,
} from '../../write/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { deadWriteAnswer } from './dead-write-answer.ts';
import { pageAnswer, planAnswer, statusAnswer } from './plan-answer.ts';
import type { Rules } from './plan-rules.ts';
import { undoAnswer } from './undo-answer.ts';

/** Plans, as operators look after them. */
export function createPlanUseCases(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly writes: Writes;
  readonly rules: Pick<Rules, 'ready'>;
}): WritePlanUseCases {
  const { db, clock, writes, rules } = deps;
  const found = async (tenant: TenantId, id: string) => {
    const plan = await writes.read(tenant, id);
    if (plan === null) throw new GantryError('write_plan_unknown', { message: 'There is no such plan.', where: id });
    return plan;
  };
  return {
    list: async (_operator, { tenant, agent, state, limit }) => {
      const states = state === null ? null : [stateOf(state)];
      const plans = await writes.list(await requireTenant(db, tenant), { agent, principal: null, states, limit });
      return plans.map(({ createdAt, acceptedAt, endedAt, ...plan }) =>
        plainJson({ ...plan, created_at: createdAt, accepted_at: acceptedAt, ended_at: endedAt }),
      );
    },
    show: async (_operator, { tenant, plan: id, from }) => {
      const owner = await requireTenant(db, tenant);
      const plan = await found(owner, id);
      const status = await writes.status(owner, id, { from });
      return plainJson({
        ...planAnswer(plan),
        agent: plan.agent,
        principal: plan.principal,
        reason: plan.intent.reason ?? null,
        ...pageAnswer(plan, from),
        ...(status === null ? {} : statusAnswer(status)),
      });
    },
    commit: async (operator, { tenant, plan }) => {
      const owner = await requireTenant(db, tenant);
      await rules.ready(owner);
      return plainJson(statusAnswer(await writes.commit(owner, plan, actorOf(operator))));
    },
    undo: async (operator, { tenant, scope, conflicts, dryRun, reason }) => {
      const owner = await requireTenant(db, tenant);
      await rules.ready(owner);
      const prepared = await writes.prepareUndo(owner, {
        scope: undoScope(scope, clock.now()),
        who: actorOf(operator),
        conflicts,
        dryRun,
        ...(reason === null ? {} : { reason }),
      });
      return prepared.map((each) =>
        plainJson({ agent: each.agent, principal: each.principal, ...undoAnswer(null, each) }),
      );
    },
    deadWrites: async (_operator, { tenant, days, limit }) => {
      const dead = await writes.dead(await requireTenant(db, tenant), { withinMs: days * DAY_MS, limit });
      return dead.map((each) => plainJson(deadWriteAnswer(each)));
    },
    withdraw: async (operator, { tenant, plan, reason }) => {
      const owner = await requireTenant(db, tenant);
      return plainJson(statusAnswer(await writes.withdraw(owner, plan, { who: actorOf(operator), reason })));
    },
    settle: async (operator, { tenant, plan, item, word, record, reason }) => {
      const owner = await requireTenant(db, tenant);
      const said: PersonsWord = word === 'applied' ? { kind: word, recordId: record } : { kind: word };
      const who = actorOf(operator);
      return plainJson(statusAnswer(await writes.settleByPerson(owner, { plan, item }, { word: said, who, reason })));
    },
    takeBack: async (operator, { tenant, plan, step, word, reason }) => {
      const owner = await requireTenant(db, tenant);
      const who = actorOf(operator);
      return plainJson(statusAnswer(await writes.sayOnTakeBack(owner, { plan, step }, { word, who, reason })));
    },
  };
}

function undoScope(scope: UndoWrites['scope'], now: Date): UndoScope {
  if (scope.kind === 'time') return { ...scope, to: scope.to ?? now };
  const { plan, item } = scope;
  return item === null ? { kind: 'plan', plan } : { kind: 'write', plan, item };
}

const DAY_MS = 24 * 3_600_000;

const actorOf = ({ name }: Operator): WriteActor => ({ kind: 'operator', name });

/** Texts of customers' systems stand in it. */
const plainJson = (value: object): JsonObject => cleanJson(value) as JsonObject;

function stateOf(name: string): PlanState {
  const states = Object.keys(planTable) as PlanState[];
  const state = states.find((each) => each === name);
  if (state !== undefined) return state;
  throw new GantryError('bad_request', {
    message: `"${name.slice(0, 80)}" is no state of a plan.`,
    where: 'state',
    allowed: states,
    suggestions: suggest(name, states),
  });
}
