/**
 * The life of one approval that is needed before a write, as a full table.
 *
 * - waiting: somebody was asked
 * - reminded: half of the time is over, and they were told again
 * - escalated: the time is over; others were told, and may decide as well
 * - approved, denied: a human's word
 * - expired: nobody's word in twice the time, which means no
 * - withdrawn: nothing is left to decide: the plan is over, was denied by another, or is a different one now
 * - bypassed: somebody broke the glass; a review afterwards looks at it
 */
export type ApprovalState =
  'waiting' | 'reminded' | 'escalated' | 'approved' | 'denied' | 'expired' | 'withdrawn' | 'bypassed';

export type ApprovalEvent =
  'half_time' | 'time_over' | 'never_came' | 'approved' | 'denied' | 'withdrawn' | 'glass_broken';

type Table<State extends string, Event extends string> = Readonly<Record<State, Readonly<Record<Event, State | null>>>>;

const over = {
  half_time: null,
  time_over: null,
  never_came: null,
  approved: null,
  denied: null,
  withdrawn: null,
  glass_broken: null,
} as const;

/** Null: the event changes nothing, and an act of somebody's is refused. */
export const approvalTable: Table<ApprovalState, ApprovalEvent> = {
  waiting: {
    half_time: 'reminded',
    time_over: 'escalated',
    never_came: 'expired',
    approved: 'approved',
    denied: 'denied',
    withdrawn: 'withdrawn',
    glass_broken: 'bypassed',
  },
  reminded: {
    half_time: null,
    time_over: 'escalated',
    never_came: 'expired',
    approved: 'approved',
    denied: 'denied',
    withdrawn: 'withdrawn',
    glass_broken: 'bypassed',
  },
  escalated: {
    half_time: null,
    time_over: null,
    never_came: 'expired',
    approved: 'approved',
    denied: 'denied',
    withdrawn: 'withdrawn',
    glass_broken: 'bypassed',
  },
  approved: over,
  denied: over,
  expired: over,
  withdrawn: over,
  bypassed: over,
};

/**
 * The life of a review afterwards.
 *
 * - open, reminded: it is to be done
 * - overdue: its time is over, it is still to be done, and everybody is told
 * - done: somebody looked, and it is right
 * - objected: somebody looked, and it is not: what was written is to be undone
 * - withdrawn: nothing was written in the end
 */
export type ReviewState = 'open' | 'reminded' | 'overdue' | 'done' | 'objected' | 'withdrawn';

export type ReviewEvent = 'half_time' | 'time_over' | 'fine' | 'objected' | 'withdrawn';

const done = { half_time: null, time_over: null, fine: null, objected: null, withdrawn: null } as const;

export const reviewTable: Table<ReviewState, ReviewEvent> = {
  open: {
    half_time: 'reminded',
    time_over: 'overdue',
    fine: 'done',
    objected: 'objected',
    withdrawn: 'withdrawn',
  },
  reminded: {
    half_time: null,
    time_over: 'overdue',
    fine: 'done',
    objected: 'objected',
    withdrawn: 'withdrawn',
  },
  overdue: {
    half_time: null,
    time_over: null,
    fine: 'done',
    objected: 'objected',
    withdrawn: 'withdrawn',
  },
  done,
  objected: done,
  withdrawn: done,
};

/** Of either kind. What a newer program calls otherwise is over, as far as this one goes. */
export function nextState(kind: string, state: string, event: ApprovalEvent | ReviewEvent): string | null {
  const table: { readonly [state: string]: { readonly [event: string]: string | null } } =
    kind === 'review' ? reviewTable : approvalTable;
  return table[state]?.[event] ?? null;
}

/** In which time still has a reminder, and an escalation, to bring. */
export const timelyStates = {
  toRemind: ['waiting', 'open'],
  toEscalate: ['waiting', 'reminded', 'open'],
} as const;

/**
 * A round of a plan: open while a decision is missing, then what it came to.
 * `reviewing`: nothing was to be decided before.
 */
export type CaseState = 'open' | 'approved' | 'denied' | 'expired' | 'withdrawn' | 'reviewing';

/** What the approvals of a round come to, together. */
export function caseStateOf(states: readonly string[]): Exclude<CaseState, 'reviewing'> {
  if (states.includes('denied')) return 'denied';
  if (states.includes('expired')) return 'expired';
  if (states.includes('withdrawn')) return 'withdrawn';
  return states.every((state) => state === 'approved' || state === 'bypassed') ? 'approved' : 'open';
}
