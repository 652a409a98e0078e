/** Source: Zendesk API reference, "Job Statuses". `killed` needs a person at Zendesk. */
export type JobState = 'queued' | 'working' | 'completed' | 'failed';
export type JobEvent =
  | 'start'
  /** All was tried and something took effect, or there was nothing to do. */
  | 'end'
  /** All was tried and nothing took effect. */
  | 'end_empty';

/** What a job is after an event; null: that cannot happen. */
export const JOB_TABLE: Readonly<Record<JobState, Readonly<Record<JobEvent, JobState | null>>>> = {
  queued: { start: 'working', end: null, end_empty: null },
  working: { start: null, end: 'completed', end_empty: 'failed' },
  completed: { start: null, end: null, end_empty: null },
  failed: { start: null, end: null, end_empty: null },
};

export function nextJobState(state: JobState, event: JobEvent): JobState {
  const next = JOB_TABLE[state][event];
  if (next === null) throw new Error(`a ${state} job cannot ${event}`);
  return next;
}

export function isOpen(state: JobState): boolean {
  return state === 'queued' || state === 'working';
}
