/**
 * The life of a plan, as a full table. What a row does not name cannot happen
 * in that state; the test has every cell.
 *
 * - prepared: thought through and shown; nothing was asked for yet
 * - proposed: accepted as a proposal; a person carries it out in the system itself
 * - awaiting_approval: accepted, and people have to agree
 * - queued: to be sent
 * - running: something of it was sent, or tried
 * - stopping: it is not to go on; what is under way ends
 * - taking_back: a step failed; what was written is taken back, or a person has to look at what cannot be
 * - done: every write has ended, however
 * - stopped: the same, and some were taken back before they were sent
 * - taken_back: a step failed, and nothing of what was written before stands there any more
 * - partly_taken_back: the same, but for what a person left
 * - refused: the policy says no; rejected: a person does
 * - expired: nobody committed it, or nobody decided in time, which means no
 * - withdrawn: taken back before anything was sent
 */
export type PlanState =
  | 'prepared'
  | 'proposed'
  | 'awaiting_approval'
  | 'queued'
  | 'running'
  | 'stopping'
  | 'taking_back'
  | 'done'
  | 'stopped'
  | 'taken_back'
  | 'partly_taken_back'
  | 'refused'
  | 'rejected'
  | 'expired'
  | 'withdrawn';

/**
 * - allowed, gated, proposed, forbidden: what the policy says when it is committed, or asked again
 * - approved, rejected: what people say
 * - fell: what was approved is not what would be written any more, or who agreed may not: it is asked again
 * - begun: its first write is about to be sent
 * - ended: no write of it is unsettled any more
 * - turned_back: the same; a step failed, and what was written is to be taken back
 * - left: a person left what could not be taken back
 * - reopened: a person sends a failed write of it again
 */
export type PlanEvent =
  | 'allowed'
  | 'gated'
  | 'proposed'
  | 'forbidden'
  | 'approved'
  | 'rejected'
  | 'fell'
  | 'begun'
  | 'ended'
  | 'turned_back'
  | 'left'
  | 'expired'
  | 'withdrawn'
  | 'reopened';

type Row = Readonly<Record<PlanEvent, PlanState | null>>;
type Table = Readonly<Record<PlanState, Row>>;

const nothing: Row = {
  allowed: null,
  gated: null,
  proposed: null,
  forbidden: null,
  approved: null,
  rejected: null,
  fell: null,
  begun: null,
  ended: null,
  turned_back: null,
  left: null,
  expired: null,
  withdrawn: null,
  reopened: null,
};

export const planTable: Table = {
  prepared: {
    ...nothing,
    allowed: 'queued',
    gated: 'awaiting_approval',
    proposed: 'proposed',
    forbidden: 'refused',
    expired: 'expired',
    withdrawn: 'withdrawn',
  },
  proposed: { ...nothing, expired: 'expired', withdrawn: 'withdrawn' },
  awaiting_approval: {
    ...nothing,
    approved: 'queued',
    rejected: 'rejected',
    expired: 'expired',
    withdrawn: 'withdrawn',
  },
  queued: {
    ...nothing,
    // Only as long as nothing of it was tried: later, single writes fail, and are decided anew as plans of their own.
    fell: 'awaiting_approval',
    forbidden: 'refused',
    begun: 'running',
    ended: 'done',
    withdrawn: 'stopping',
  },
  running: { ...nothing, begun: 'running', ended: 'done', turned_back: 'taking_back', withdrawn: 'stopping' },
  // Writes whose outcome was unknown may prove unsent: they are taken back then, and never sent.
  stopping: { ...nothing, begun: 'stopping', ended: 'stopped', withdrawn: 'stopping' },
  // It ends as it was approved: a person may leave what cannot be taken back, and nobody sends the failed step again.
  taking_back: { ...nothing, ended: 'taken_back', left: 'partly_taken_back' },
  done: { ...nothing, reopened: 'running' },
  stopped: { ...nothing, reopened: 'running' },
  taken_back: nothing,
  partly_taken_back: nothing,
  refused: nothing,
  rejected: nothing,
  expired: nothing,
  withdrawn: nothing,
};

export const planStates = Object.keys(planTable) as readonly PlanState[];

export const nextPlanState = (state: PlanState, event: PlanEvent): PlanState | null => planTable[state][event];

/** Nothing happens to it any more by itself. */
export const isEnded = (state: PlanState): boolean =>
  !['prepared', 'proposed', 'awaiting_approval', 'queued', 'running', 'stopping', 'taking_back'].includes(state);
