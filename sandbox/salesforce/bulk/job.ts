import type { SandboxUser } from '../../kit/index.ts';
import { longId, salesforceId } from '../../world/index.ts';
import type { SoqlOrg } from '../org.ts';
import type { Column } from '../soql/execute.ts';

export type JobState = 'UploadComplete' | 'InProgress' | 'Aborted' | 'JobComplete' | 'Failed';

/** What the caller asked for. */
export interface JobRequest {
  readonly operation: 'query' | 'queryAll';
  readonly query: string;
  /** `COMMA`, `TAB`, ... */
  readonly columnDelimiter: string;
  /** `LF` or `CRLF`. */
  readonly lineEnding: string;
}

/** What the job read, as of the moment at which it was processed. */
export interface Snapshot {
  readonly columns: readonly Column[];
  readonly rows: readonly number[];
  /** Lines of rows that were changed since, as they were then. */
  readonly frozen: Map<number, string>;
}

export interface QueryJob {
  readonly id: string;
  readonly request: JobRequest;
  readonly object: string;
  readonly creator: SandboxUser;
  /** The org as the creator saw it. */
  readonly org: SoqlOrg;
  /** `64` */
  readonly apiVersion: number;
  readonly createdMs: number;
  /** The platform may split it by ranges of ids; ORDER BY and LIMIT prevent that. */
  readonly splittable: boolean;
  state: JobState;
  /** When it came to its state. */
  stateMs: number;
  startedMs: number | null;
  snapshot: Snapshot | null;
  errorMessage: string | null;
}

export function isTerminal(job: QueryJob): boolean {
  return job.state === 'JobComplete' || job.state === 'Aborted' || job.state === 'Failed';
}

export function jobId(index: number): string {
  return salesforceId('750', index);
}

/** Both spellings of an id mean the same job. */
export function fullJobId(id: string): string {
  return /^[0-9A-Za-z]{15}$/.test(id) ? longId(id) : id;
}

/** The job as POST and PATCH answer it and as the list shows it. */
export function jobSummary(job: QueryJob): Readonly<Record<string, unknown>> {
  return {
    id: job.id,
    operation: job.request.operation,
    object: job.object,
    createdById: job.creator.id,
    createdDate: stamp(job.createdMs),
    systemModstamp: stamp(job.stateMs),
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: job.apiVersion,
    lineEnding: job.request.lineEnding,
    columnDelimiter: job.request.columnDelimiter,
  };
}

/** The job as GET of it alone answers. */
export function jobInfo(job: QueryJob, nowMs: number): Readonly<Record<string, unknown>> {
  const since = job.startedMs ?? nowMs;
  const until = isTerminal(job) ? job.stateMs : nowMs;
  return {
    ...jobSummary(job),
    jobType: 'V2Query',
    numberRecordsProcessed: job.state === 'JobComplete' ? (job.snapshot?.rows.length ?? 0) : 0,
    retries: 0,
    totalProcessingTime: Math.max(0, until - since),
    isPkChunkingSupported: job.splittable,
    ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
  };
}

function stamp(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('Z', '+0000');
}
