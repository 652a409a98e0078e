import type { AuditEntry } from '../audit/index.ts';
import { limits, type TenantId } from '../kernel/index.ts';
import { listWritePlans, readAttempts, type Tx, type WriteAttemptRow } from '../store/index.ts';
import { settleByPerson, type PersonsWord } from './by-person.ts';
import { commitPlan, decided, type PlanOutcome } from './commit.ts';
import { listDeadWrites, type DeadWrite, type DeadWritesAsked } from './dead-writes.ts';
import type { WriteActor, WriteDeps } from './deps.ts';
import { keepPlan, planOfKey, readPlan, type KeyedRequest } from './keep-plan.ts';
import { pendingValues, type PendingValues } from './pending.ts';
import type { PlanState } from './plan-state.ts';
import { statusOf, type StatusPage } from './plan-status.ts';
import { contentOf } from './plan-row.ts';
import { prepareUndo, type PreparedUndo } from './undo/plan-undo.ts';
import type { UndoRequest } from './undo/types.ts';
import { sayOnTakeBack, type TakeBackWord } from './take-back/by-person.ts';
import { expirePlans, withdrawPlan } from './withdraw.ts';
import type { PlanId, PlanStatus, WritePlan } from './types.ts';

export interface ListedPlan {
  readonly plan: PlanId;
  readonly title: string;
  readonly agent: string;
  readonly principal: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly records: number;
  readonly createdAt: Date;
  readonly acceptedAt: Date | null;
  readonly endedAt: Date | null;
}

/** The use cases of writing, behind every door. */
export interface Writes {
  /** Keeps a prepared plan; nothing is sent. `request`: under a key of the caller's. Raises `write_key_reused`, `write_key_invalid`. */
  keep(
    tenant: TenantId,
    plan: WritePlan,
    request: KeyedRequest | null,
  ): Promise<{ readonly plan: WritePlan; readonly repeated: boolean }>;
  /** The plan of an earlier request under this key. Raises `write_key_reused`, `write_key_invalid`. */
  ofKey(
    tenant: TenantId,
    whose: Pick<WritePlan, 'agent' | 'principal'>,
    request: KeyedRequest,
  ): Promise<WritePlan | null>;
  read(tenant: TenantId, plan: PlanId): Promise<WritePlan | null>;
  /** Again: the same answer. Raises what `commitPlan` does. */
  commit(tenant: TenantId, plan: PlanId, who: WriteActor): Promise<PlanStatus>;
  status(tenant: TenantId, plan: PlanId, page?: StatusPage): Promise<PlanStatus | null>;
  /** Newest first; null: any. */
  list(
    tenant: TenantId,
    asked: {
      readonly agent: string | null;
      readonly principal: string | null;
      readonly states: readonly PlanState[] | null;
      readonly limit: number;
    },
  ): Promise<readonly ListedPlan[]>;
  /** Raises `write_plan_unknown`, `write_state_conflict`. */
  withdraw(
    tenant: TenantId,
    plan: PlanId,
    asked: { readonly who: WriteActor; readonly reason: string | null },
  ): Promise<PlanStatus>;
  /** What people decided, in the transaction of their decision; the entries belong to its audit. */
  decided(tx: Tx, tenant: TenantId, plan: PlanId, outcome: PlanOutcome): Promise<readonly AuditEntry[]>;
  /** A person's word on one write. Raises `write_plan_unknown`, `write_unknown`, `write_state_conflict`. */
  settleByPerson(
    tenant: TenantId,
    write: { readonly plan: PlanId; readonly item: number },
    said: { readonly word: PersonsWord; readonly who: WriteActor; readonly reason: string | null },
  ): Promise<PlanStatus>;
  /** A person's word on a step that could not be taken back. Raises `write_plan_unknown`, `write_state_conflict`. */
  sayOnTakeBack(
    tenant: TenantId,
    step: { readonly plan: PlanId; readonly step: number },
    said: { readonly word: TakeBackWord; readonly who: WriteActor; readonly reason: string | null },
  ): Promise<PlanStatus>;
  /** Writes that need somebody: failed, or of an outcome that nobody can tell by reading. */
  dead(tenant: TenantId, asked: DeadWritesAsked): Promise<readonly DeadWrite[]>;
  /** Raises `write_plan_unknown`, `upstream_unavailable`. */
  prepareUndo(tenant: TenantId, request: UndoRequest): Promise<readonly PreparedUndo[]>;
  /** The journal of one write. */
  attempts(
    tenant: TenantId,
    write: { readonly plan: PlanId; readonly item: number },
  ): Promise<readonly WriteAttemptRow[]>;
  /** Of an agent's own writes that its source has not confirmed, by record. */
  pending(tenant: TenantId, asked: Parameters<typeof pendingValues>[2]): Promise<ReadonlyMap<string, PendingValues>>;
  /** Ends plans whose time is over. */
  expirePlans(tenant: TenantId): Promise<number>;
}

export function createWrites(deps: WriteDeps): Writes {
  const { db } = deps;
  return {
    keep: (tenant, plan, request) => keepPlan(deps, tenant, plan, request),
    ofKey: (tenant, whose, request) => planOfKey(deps, tenant, whose, request),
    read: (tenant, plan) => db.tenantRead(tenant, (tx) => readPlan(tx, tenant, plan)),
    commit: (tenant, plan, who) => commitPlan(deps, tenant, plan, who),
    status: (tenant, plan, page) => db.tenantRead(tenant, (tx) => statusOf(tx, tenant, plan, page)),
    list: async (tenant, { agent, principal, states, limit }) => {
      const most = Math.min(limit, limits.plansListedMax);
      const rows = await db.tenantRead(tenant, (tx) =>
        listWritePlans(tx, tenant, { agent, principal, states, limit: most }),
      );
      return rows.map((row) => {
        const { id, state, reason, records, createdAt, acceptedAt, endedAt } = row;
        const { title } = contentOf(row);
        const whose = { agent: row.agent, principal: row.principal };
        return { plan: id, title, ...whose, state, reason, records, createdAt, acceptedAt, endedAt };
      });
    },
    withdraw: (tenant, plan, asked) => withdrawPlan(deps, tenant, plan, asked),
    decided: (tx, tenant, plan, outcome) => decided(deps, tx, { tenant, plan, outcome }),
    settleByPerson: (tenant, write, said) => settleByPerson(deps, tenant, write, said),
    sayOnTakeBack: (tenant, step, said) => sayOnTakeBack(deps, tenant, step, said),
    dead: (tenant, asked) => db.tenantRead(tenant, (tx) => listDeadWrites(tx, tenant, asked)),
    prepareUndo: (tenant, request) => prepareUndo(deps, tenant, request),
    attempts: (tenant, write) => db.tenantRead(tenant, (tx) => readAttempts(tx, tenant, write)),
    pending: (tenant, asked) => db.tenantRead(tenant, (tx) => pendingValues(tx, tenant, asked)),
    expirePlans: (tenant) => expirePlans(deps, tenant),
  };
}
