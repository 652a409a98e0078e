import type { BackgroundNote } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { Limits } from '../rest/limits.ts';
import type { Saver } from '../writes/saver.ts';
import { isOver, move, type IngestJob } from './ingest-job.ts';
import { columnError, writeRows } from './ingest-rows.ts';

export interface IngestProgress {
  /** Brings a job up to the present. */
  advance(job: IngestJob): void;
  failNext(count: number, message: string, afterRows: number): void;
  observe(note: (entry: BackgroundNote) => void): void;
}

interface Failing {
  readonly count: number;
  readonly message: string;
  readonly afterRows: number;
}

/** Writes what is due of a job by the sandbox's clock. */
export function createIngestProgress(org: Org, limits: Limits, saver: Saver): IngestProgress {
  const failures = new Map<string, Failing>();
  let failing: Failing = { count: 0, message: '', afterRows: 0 };
  let note: (entry: BackgroundNote) => void = () => undefined;
  const now = (): number => org.clock.now().getTime();

  const fail = (job: IngestJob, message: string): void => {
    job.errorMessage = message;
    move(job, 'Failed', now());
  };
  const start = (job: IngestJob): void => {
    move(job, 'InProgress', now());
    if (failing.count > 0) {
      failing = { ...failing, count: failing.count - 1 };
      failures.set(job.id, failing);
    }
    const wrong = job.unreadable ?? columnError(job, job.file?.columns ?? []);
    if (wrong !== null) fail(job, wrong);
  };
  const writeDue = (job: IngestJob, startMs: number): void => {
    const rows = job.file?.rows.length ?? 0;
    const due = Math.floor(((now() - startMs) * limits.settings.bulkWritesPerSecond) / 1_000);
    const stop = failures.get(job.id);
    const upTo = Math.min(rows, due, stop?.afterRows ?? rows);
    if (upTo > job.results.length) {
      const { results, effects } = writeRows(saver, job, job.results.length, upTo);
      job.results.push(...results);
      note({ user: job.creator.username, path: `/services/data/v${job.apiVersion}.0/jobs/ingest/${job.id}`, effects });
    }
    if (stop !== undefined && job.results.length >= Math.min(stop.afterRows, rows)) fail(job, stop.message);
    else if (job.results.length >= rows && due >= rows) move(job, 'JobComplete', now());
  };
  const advance = (job: IngestJob): void => {
    if (job.uploadedMs === null || isOver(job)) return;
    const startMs = job.uploadedMs + limits.settings.bulkQueueMs;
    if (now() < startMs) return;
    if (job.state === 'UploadComplete') start(job);
    if (job.state === 'InProgress') writeDue(job, startMs);
  };
  return {
    advance,
    failNext: (count, message, afterRows) => {
      failing = { count, message, afterRows };
    },
    observe: (listener) => {
      note = listener;
    },
  };
}
