import { limits, type TenantId } from '../kernel/index.ts';
import {
  countWrites,
  readTakeBacks,
  readWritePlan,
  readWriteStates,
  type Tx,
  type WritePlanRow,
  type WriteStateRow,
} from '../store/index.ts';
import { totalsOf } from './move-plan.ts';
import { codeText, waitText } from './code-text.ts';
import { asJson, contentOf } from './plan-row.ts';
import type { PlanState } from './plan-state.ts';
import { stepStatuses, stepsText } from './steps/step-status.ts';
import { takeBackOf } from './take-back/remain.ts';
import type { PlanStatus, WriteStatus } from './types.ts';

export interface StatusPage {
  /** Item from which on writes are told. */
  readonly from?: number;
  readonly limit?: number;
  /** Writes in these states only. */
  readonly states?: readonly string[];
}

/** What becomes of a plan. Writes that are not as wished come first where not all are told. Null: there is none. */
export async function statusOf(
  tx: Tx,
  tenant: TenantId,
  id: string,
  page: StatusPage = {},
): Promise<PlanStatus | null> {
  const row = await readWritePlan(tx, tenant, id);
  return row === null ? null : statusOfRow(tx, tenant, row, page);
}

/** The same of a plan that was read, or moved, in this transaction. */
export async function statusOfRow(
  tx: Tx,
  tenant: TenantId,
  row: WritePlanRow,
  { from = 0, limit = limits.planWritesShownMax, states }: StatusPage = {},
): Promise<PlanStatus> {
  const { id } = row;
  const { title, steps } = contentOf(row);
  const isAll = from === 0 && states === undefined && row.records <= limit;
  const all = isAll ? await readWriteStates(tx, tenant, id, { from, limit, states: null }) : null;
  // Writes that take others back are counted with the step that they are of.
  const own = (await countsOf(tx, tenant, id, steps === undefined ? all : null)).filter(
    ({ step }) => steps === undefined || step < steps.length,
  );
  const counts = totalsOf(own);
  const wished = states ?? (from === 0 ? troubled(counts) : undefined);
  const writes = all ?? (await readWriteStates(tx, tenant, id, { from, limit, states: wished ?? null }));
  const takeBacks = steps === undefined ? [] : (await readTakeBacks(tx, tenant, id)).map(takeBackOf);
  const told = steps === undefined ? null : stepStatuses(steps, own, takeBacks);
  return {
    plan: id,
    state: row.state,
    text: told === null ? textOf(row, counts) : `${textOf(row, counts)}${stepsText(told, takeBacks)}`,
    counts,
    writes: writes.map(writeStatus),
    detail: {
      title,
      ...(told === null ? {} : { steps: told.map(asJson) }),
      agent: row.agent,
      principal: row.principal,
      why: row.reason,
      undoes: row.undoes,
      created_at: row.createdAt.toISOString(),
      expires_at: row.expiresAt.toISOString(),
      accepted_at: row.acceptedAt?.toISOString() ?? null,
      ended_at: row.endedAt?.toISOString() ?? null,
    },
  };
}

/** Of what was read already, where all was. */
const countsOf = (tx: Tx, tenant: TenantId, id: string, all: readonly WriteStateRow[] | null) =>
  all === null ? countWrites(tx, tenant, [id]) : all.map(({ state }) => ({ step: 0, state, count: 1 }));

/** States that somebody wants to know of, if there are any. */
function troubled(counts: Readonly<Record<string, number>>): string[] | undefined {
  const found = ['failed', 'needs_human', 'outcome_unknown', 'reconciling', 'expired', 'cancelled'].filter(
    (state) => (counts[state] ?? 0) > 0,
  );
  return found.length === 0 ? undefined : found;
}

function writeStatus({ item, state, recordId, code }: WriteStateRow): WriteStatus {
  const text = code === null ? null : state === 'queued' ? waitText(code) : codeText(code);
  return { item, state, record: recordId === '' ? null : recordId, code, text };
}

/** Pure: a sentence of what happens next, and who has to do what. */
function textOf({ state, reason, records }: WritePlanRow, counts: Readonly<Record<string, number>>): string {
  const because = reason === null || reason === '' ? '' : ` ${reason}`;
  const all = records === 1 ? 'The write' : `All ${String(records)} writes`;
  const human = counts['needs_human'] ?? 0;
  switch (state as PlanState) {
    case 'prepared':
      return 'Nothing was sent. Commit the plan to carry it out.';
    case 'proposed':
      return `Kept as a proposal: a person carries it out in the system itself.${because}`;
    case 'awaiting_approval':
      return `Nothing was sent yet: people have to approve it.${because} Ask again later.`;
    case 'queued':
      return 'Accepted; it is sent as soon as the system takes it and no kill switch holds it back.';
    case 'running':
      if (human > 0) return `A person has to find out what became of ${some(human)}: nobody can tell by reading.`;
      return `Under way: ${toldCounts(counts)}.`;
    case 'stopping':
      return `Nothing more is sent; what was under way ends: ${toldCounts(counts)}.`;
    case 'taking_back':
      return `A step failed: ${toldCounts(counts)}.`;
    case 'taken_back':
    case 'partly_taken_back':
      return 'Ended: a step failed.';
    case 'done':
      return counts['succeeded'] === records ? `Done. ${all} succeeded.` : `Ended: ${toldCounts(counts)}.`;
    case 'stopped':
      return `Taken back while it was under way: ${toldCounts(counts)}.${because}`;
    case 'refused':
      return `Not allowed; nothing was sent.${because}`;
    case 'rejected':
      return `Not approved; nothing was sent.${because}`;
    case 'expired':
      return `Its time is over; nothing was sent.${because}`;
    case 'withdrawn':
      return `Taken back; nothing was sent.${because}`;
  }
}

const some = (count: number): string => `${String(count)} ${count === 1 ? 'write' : 'writes'}`;

const words: Readonly<Record<string, string>> = {
  planned: 'not begun',
  queued: 'waiting',
  sending: 'being sent',
  outcome_unknown: 'of unknown outcome',
  reconciling: 'of unknown outcome, being looked at',
  needs_human: 'for a person to look at',
};

const toldCounts = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([state, count]) => `${String(count)} ${words[state] ?? state}`)
    .join(', ');
