import type { Org } from '../org.ts';
import type { Limits } from '../rest/limits.ts';
import { isTerminal, jobId, type QueryJob } from './job.ts';
import { createProgress } from './progress.ts';

const DAY_MS = 86_400_000;
/** Finished jobs and their results go after this long. */
const LIFE_MS = 7 * DAY_MS;

/** A job that may begin. */
export type JobStart = Pick<QueryJob, 'creator' | 'org' | 'request' | 'object' | 'apiVersion' | 'splittable'>;

export interface QueryJobs {
  create(start: JobStart): QueryJob;
  /** By id, brought up to the present. */
  find(id: string): QueryJob | null;
  /** Newest first. */
  all(): readonly QueryJob[];
  abort(job: QueryJob): void;
  remove(job: QueryJob): void;
  /** Jobs begun within the last 24 hours. */
  startedToday(): number;
  /** The next jobs end as Failed with this message. */
  failNext(count: number, message: string): void;
}

/** Query jobs of an org. */
export function createQueryJobs(org: Org, limits: Limits): QueryJobs {
  const jobs = new Map<string, QueryJob>();
  const progress = createProgress(org, limits);
  const starts: number[] = [];
  let made = 0;
  const now = (): number => org.clock.now().getTime();

  const remove = (job: QueryJob): void => {
    progress.release(job);
    jobs.delete(job.id);
  };
  const refresh = (): void => {
    for (const job of jobs.values()) {
      progress.advance(job);
      if (isTerminal(job) && now() - job.stateMs > LIFE_MS) remove(job);
    }
  };

  return {
    create: (start) => {
      const createdMs = now();
      const job: QueryJob = {
        ...start,
        id: jobId(made),
        createdMs,
        state: 'UploadComplete',
        stateMs: createdMs,
        startedMs: null,
        snapshot: null,
        errorMessage: null,
      };
      made += 1;
      starts.push(createdMs);
      jobs.set(job.id, job);
      progress.watch(job);
      return job;
    },
    find: (id) => {
      refresh();
      return jobs.get(id) ?? null;
    },
    all: () => {
      refresh();
      return [...jobs.values()].toReversed();
    },
    abort: (job) => progress.end(job, 'Aborted', now()),
    remove,
    startedToday: () => {
      while (starts[0] !== undefined && starts[0] <= now() - DAY_MS) starts.shift();
      return starts.length;
    },
    failNext: progress.failNext,
  };
}
