import { randomBytes } from 'node:crypto';
import type { BackgroundNote, Effect, SandboxClock } from '../../kit/index.ts';
import type { Limits } from '../limits.ts';
import type { Given } from './given.ts';
import { isOpen, nextJobState, type JobState } from './job-state.ts';

/** What became of one record of a job; `result` has an `error` where nothing was written. */
export interface TaskResult {
  readonly result: Given;
  readonly effects: readonly Effect[];
}

export interface JobDraft {
  readonly type: string;
  readonly user: { readonly id: string; readonly username: string };
  /** In their order; each takes effect when its turn comes. */
  readonly tasks: readonly (() => TaskResult)[];
}

export interface Job {
  readonly id: string;
  readonly type: string;
  /** Id of who asked for it; nobody else is shown it. */
  readonly owner: string;
  readonly createdMs: number;
  readonly total: number;
  state: JobState;
  readonly results: Given[];
  endedMs: number | null;
}

export interface Jobs {
  /** Null: as many are queued or working as may be. */
  queue(draft: JobDraft): Job | null;
  /** Null: there is none, or its hour is over. */
  get(id: string): Job | null;
  all(): readonly Job[];
  /** Held jobs stay where they are until they are let go. */
  hold(held: boolean): void;
  observe(note: (entry: BackgroundNote) => void): void;
  close(): void;
}

/** "You can access the job status data for an hour after a particular job is created." */
const SHOWN_MS = 3_600_000;
const TASKS_PER_STEP = 10;

export interface JobParts {
  readonly clock: SandboxClock;
  limits(): Limits;
}

/** Jobs run beside the calls, each on its own; their effects go to the ledger when they happen. */
export function createJobs({ clock, limits }: JobParts): Jobs {
  const jobs = new Map<string, Job>();
  const timers = new Set<NodeJS.Timeout>();
  let waiting: (() => void)[] = [];
  let held = false;
  let closed = false;
  let note: (entry: BackgroundNote) => void = () => undefined;

  const later = (ms: number, step: () => void): void => {
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (held) waiting.push(step);
      else step();
    }, ms);
    timer.unref();
    timers.add(timer);
  };
  const work = (job: Job, draft: JobDraft): void => {
    const { tasks, user } = draft;
    const from = job.results.length;
    const done = tasks.slice(from, from + TASKS_PER_STEP).map((task) => task());
    job.results.push(...done.map(({ result }) => result));
    const effects = done.flatMap((each) => each.effects);
    if (effects.length > 0) note({ user: user.username, path: `/api/v2/job_statuses/${job.id}.json`, effects });
    if (job.results.length < tasks.length) return later(limits().jobStepMs, () => work(job, draft));
    const failed = job.results.filter((each) => each['error'] !== undefined).length;
    job.state = nextJobState(job.state, failed > 0 && failed === tasks.length ? 'end_empty' : 'end');
    job.endedMs = clock.now().getTime();
  };
  const fresh = (job: Job): boolean => clock.now().getTime() - job.createdMs < SHOWN_MS;

  return {
    queue: (draft) => {
      if ([...jobs.values()].filter((job) => isOpen(job.state)).length >= limits().jobsMax) return null;
      const job: Job = {
        id: `V3-${randomBytes(16).toString('hex')}`,
        type: draft.type,
        owner: draft.user.id,
        createdMs: clock.now().getTime(),
        total: draft.tasks.length,
        state: 'queued',
        results: [],
        endedMs: null,
      };
      jobs.set(job.id, job);
      later(limits().jobQueueMs, () => {
        job.state = nextJobState(job.state, 'start');
        later(limits().jobStepMs, () => work(job, draft));
      });
      return job;
    },
    get: (id) => {
      const job = jobs.get(id);
      return job !== undefined && fresh(job) ? job : null;
    },
    all: () => [...jobs.values()].filter(fresh),
    hold: (wanted) => {
      held = wanted;
      if (held) return;
      const steps = waiting;
      waiting = [];
      for (const step of steps) step();
    },
    observe: (listener) => {
      note = listener;
    },
    close: () => {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      waiting = [];
    },
  };
}
