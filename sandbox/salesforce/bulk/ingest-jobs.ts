import type { BackgroundNote } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { Limits } from '../rest/limits.ts';
import type { Saver } from '../writes/saver.ts';
import { DELIMITERS } from './csv.ts';
import { isOver, move, type IngestJob } from './ingest-job.ts';
import { createIngestProgress } from './ingest-progress.ts';
import { jobId } from './job.ts';
import { readCsv } from './read-csv.ts';

const DAY_MS = 86_400_000;
/** Guide, "Bulk API 2.0 Limits": jobs and their data go after this long. */
const LIFE_MS = 7 * DAY_MS;
/** How often open jobs are moved along where nobody asks for them. */
const TICK_MS = 20;
/** Query jobs have ids of the same kind; these begin far behind them. */
const FIRST_ID = 1_000_000;

export type IngestStart = Pick<IngestJob, 'creator' | 'writer' | 'request' | 'apiVersion'>;

export interface IngestJobs {
  create(start: IngestStart): IngestJob;
  /** By id, brought up to the present. */
  find(id: string): IngestJob | null;
  /** Newest first. */
  all(): readonly IngestJob[];
  /** The data of the job; false if it has some already. */
  upload(job: IngestJob, csv: string): boolean;
  /** All data are there. */
  complete(job: IngestJob): void;
  abort(job: IngestJob): void;
  remove(job: IngestJob): void;
  startedToday(): number;
  /** The next jobs end as Failed with this message, after so many rows. */
  failNext(count: number, message: string, afterRows: number): void;
  /** Where to say what jobs do while nobody calls. */
  observe(note: (entry: BackgroundNote) => void): void;
  close(): void;
}

/**
 * Ingest jobs: a job waits (`bulkQueueMs`), writes (`bulkWritesPerSecond`) and
 * is done, by the sandbox's clock. What it writes goes to the ledger as it
 * happens, also while nobody asks.
 */
export function createIngestJobs(org: Org, limits: Limits, saver: Saver): IngestJobs {
  const jobs = new Map<string, IngestJob>();
  const starts: number[] = [];
  const progress = createIngestProgress(org, limits, saver);
  let made = 0;
  const now = (): number => org.clock.now().getTime();
  const refresh = (): void => {
    for (const job of jobs.values()) {
      progress.advance(job);
      if (isOver(job) && now() - job.stateMs > LIFE_MS) jobs.delete(job.id);
    }
  };
  const timer = setInterval(refresh, TICK_MS);
  timer.unref();

  return {
    create: (given) => {
      const createdMs = now();
      const job: IngestJob = {
        ...given,
        id: jobId(FIRST_ID + made),
        createdMs,
        state: 'Open',
        stateMs: createdMs,
        uploadedMs: null,
        file: null,
        unreadable: null,
        results: [],
        errorMessage: null,
      };
      made += 1;
      starts.push(createdMs);
      jobs.set(job.id, job);
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
    upload: (job, csv) => {
      if (job.file !== null || job.unreadable !== null) return false;
      const { columnDelimiter, lineEnding } = job.request;
      const read = readCsv(csv, DELIMITERS[columnDelimiter] ?? ',', lineEnding);
      if (read.kind === 'file') job.file = read.file;
      else job.unreadable = read.message;
      return true;
    },
    complete: (job) => {
      job.uploadedMs = now();
      move(job, 'UploadComplete', now());
    },
    abort: (job) => move(job, 'Aborted', now()),
    remove: (job) => {
      jobs.delete(job.id);
    },
    startedToday: () => {
      while (starts[0] !== undefined && starts[0] <= now() - DAY_MS) starts.shift();
      return starts.length;
    },
    failNext: progress.failNext,
    observe: progress.observe,
    close: () => clearInterval(timer),
  };
}
