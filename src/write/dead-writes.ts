import type { TenantId } from '../kernel/index.ts';
import { deadWrites, type Tx } from '../store/index.ts';
import { codeText } from './code-text.ts';
import { writeOf } from './plan-row.ts';
import { nextPlanState, planStates } from './plan-state.ts';
import type { PlanId, PlannedWrite } from './types.ts';
import { writeStatesBefore, type WriteState } from './write-state.ts';

/** A write that needs somebody: to say what became of it, or to send it again. */
export interface DeadWrite {
  readonly plan: PlanId;
  readonly item: number;
  readonly state: WriteState;
  readonly code: string | null;
  /** What the code means, and what was done; null without one. */
  readonly text: string | null;
  readonly attempts: number;
  readonly acceptedAt: Date;
  readonly endedAt: Date | null;
  readonly agent: string;
  readonly principal: string | null;
  readonly write: PlannedWrite;
}

export interface DeadWritesAsked {
  /** Of plans that were accepted so long ago at most. */
  readonly withinMs: number;
  readonly limit: number;
}

/** Plans of which something may be sent yet, or again. Of others a failed write stays as it is. */
const plansToSend = planStates.filter(
  (state) => nextPlanState(state, 'begun') !== null || nextPlanState(state, 'reopened') !== null,
);

/** All that a person may still send again, whosever plan it is of; those of which nobody can tell come first. */
export async function listDeadWrites(
  tx: Tx,
  tenant: TenantId,
  { withinMs, limit }: DeadWritesAsked,
): Promise<readonly DeadWrite[]> {
  const since = new Date(tx.now.getTime() - withinMs);
  const states = writeStatesBefore('sent_again');
  const always = writeStatesBefore('said_applied');
  const rows = await deadWrites(tx, tenant, { states, plans: plansToSend, always, since, limit });
  return rows.map(({ plan, item, state, code, attempts, acceptedAt, endedAt, agent, principal, content }) => ({
    plan,
    item,
    state: state as WriteState,
    code,
    text: code === null ? null : codeText(code),
    attempts,
    acceptedAt,
    endedAt,
    agent,
    principal,
    write: writeOf(content),
  }));
}
