import type { JsonObject } from '../../kernel/index.ts';
import type { PlanState } from '../../write/index.ts';

/**
 * A committed plan as a task (MCP extension `io.modelcontextprotocol/tasks`,
 * SEP-2663): what an agent would ask for with get_status, in the words that any
 * client knows. The plan's id is the task's.
 */
export type PlanTask =
  | (TaskFacts & { readonly status: 'working' | 'cancelled' })
  | (TaskFacts & { readonly status: 'completed'; readonly answer: JsonObject });

export interface TaskFacts {
  readonly taskId: string;
  readonly statusMessage: string;
  /** ISO moments. */
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Null: a plan that has not ended is never forgotten, and one that has for months. */
  readonly ttlMs: null;
  readonly pollIntervalMs: number;
}

/** Null: nobody committed it, so that it is no task yet. A plan that fell to the policy or to people is an answer, no error. */
const statuses: Readonly<Record<PlanState, PlanTask['status'] | null>> = {
  prepared: null,
  // A person carries it out in the system itself: there is nothing to wait for here.
  proposed: 'completed',
  awaiting_approval: 'working',
  queued: 'working',
  running: 'working',
  stopping: 'working',
  taking_back: 'working',
  done: 'completed',
  stopped: 'completed',
  taken_back: 'completed',
  partly_taken_back: 'completed',
  refused: 'completed',
  rejected: 'completed',
  expired: 'completed',
  withdrawn: 'cancelled',
};

const isPlanState = (state: unknown): state is PlanState => typeof state === 'string' && Object.hasOwn(statuses, state);

/** People decide in minutes at best. */
const PEOPLE_POLL_MS = 5_000;
const POLL_MS = 1_000;

/** Of what get_status answers. Null where it is no task. */
export function planTask(answer: JsonObject): PlanTask | null {
  const state = answer['status'];
  const status = isPlanState(state) ? statuses[state] : null;
  if (status === null) return null;
  const facts: TaskFacts = {
    taskId: textOf(answer['plan_id']),
    statusMessage: textOf(answer['text']),
    createdAt: textOf(answer['created_at']),
    lastUpdatedAt: textOf(answer['ended_at'] ?? answer['accepted_at'] ?? answer['created_at']),
    ttlMs: null,
    pollIntervalMs: state === 'awaiting_approval' ? PEOPLE_POLL_MS : POLL_MS,
  };
  return status === 'completed' ? { ...facts, status, answer } : { ...facts, status };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
