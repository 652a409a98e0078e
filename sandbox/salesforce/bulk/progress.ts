import type { Org } from '../org.ts';
import type { Limits } from '../rest/limits.ts';
import { prepareSoql } from '../soql/execute.ts';
import { PlainQueryError, SoqlError } from '../soql/soql-error.ts';
import type { JobState, QueryJob } from './job.ts';
import { formatOf, lineOf } from './results.ts';

export interface Progress {
  /** Has the job's object watched from now on. */
  watch(job: QueryJob): void;
  /** Brings a job up to the present. */
  advance(job: QueryJob): void;
  end(job: QueryJob, state: JobState, atMs: number): void;
  /** Ends the watch. */
  release(job: QueryJob): void;
  /** The next jobs end as Failed with this message. */
  failNext(count: number, message: string): void;
}

/**
 * Moves jobs along by the sandbox's clock: a job waits (`bulkQueueMs`), reads
 * (`bulkRecordsPerSecond`) and is done. It is looked at whenever somebody asks
 * for it or changes a record of its object, so that what it read is always
 * what was there when it began.
 */
export function createProgress(org: Org, limits: Limits): Progress {
  const watches = new Map<string, () => void>();
  let failing = { count: 0, message: '' };
  const now = (): number => org.clock.now().getTime();

  const release = (job: QueryJob): void => {
    watches.get(job.id)?.();
    watches.delete(job.id);
  };
  const end = (job: QueryJob, state: JobState, atMs: number): void => {
    job.state = state;
    job.stateMs = atMs;
    if (state === 'JobComplete') return;
    job.snapshot = null;
    release(job);
  };
  const fail = (job: QueryJob, message: string, atMs: number): void => {
    job.errorMessage = message;
    end(job, 'Failed', atMs);
  };
  const begin = (job: QueryJob, atMs: number): void => {
    job.startedMs = atMs;
    job.state = 'InProgress';
    job.stateMs = atMs;
    if (failing.count > 0) {
      failing = { ...failing, count: failing.count - 1 };
      fail(job, failing.message, atMs);
      return;
    }
    try {
      const prepared = prepareSoql(job.org, job.request.query);
      const result = prepared.run(job.request.operation === 'queryAll');
      job.snapshot = {
        columns: prepared.columns,
        rows: result.kind === 'rows' ? result.rows : [],
        frozen: new Map(),
      };
    } catch (error) {
      if (!(error instanceof SoqlError || error instanceof PlainQueryError)) throw error;
      fail(job, `${error.errorCode}: ${error.message.trim()}`, atMs);
    }
  };
  const advance = (job: QueryJob): void => {
    const { bulkQueueMs, bulkRecordsPerSecond } = limits.settings;
    const startMs = job.createdMs + bulkQueueMs;
    if (job.state === 'UploadComplete' && now() >= startMs) begin(job, startMs);
    if (job.state !== 'InProgress') return;
    const tookMs = Math.ceil(((job.snapshot?.rows.length ?? 0) / bulkRecordsPerSecond) * 1_000);
    const doneMs = (job.startedMs ?? startMs) + tookMs;
    if (now() >= doneMs) end(job, 'JobComplete', doneMs);
  };

  return {
    advance,
    end,
    release,
    watch: (job) => {
      const table = org.table(job.object);
      const stop = table.beforeChange((row) => {
        advance(job);
        const { snapshot } = job;
        // A job that has read the row keeps the line that it read.
        if (snapshot === null || snapshot.frozen.has(row) || row >= table.rowCount()) return;
        snapshot.frozen.set(row, lineOf(snapshot, row, formatOf(job)));
      });
      watches.set(job.id, stop);
    },
    failNext: (count, message) => {
      failing = { count, message };
    },
  };
}
