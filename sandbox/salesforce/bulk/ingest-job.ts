import type { SandboxUser } from '../../kit/index.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Writer } from '../writes/fields.ts';
import type { CsvFile } from './read-csv.ts';

/** Bulk API 2.0 guide, "Get Information About an Ingest Job", `state`. */
export type IngestState = 'Open' | 'UploadComplete' | 'InProgress' | 'Aborted' | 'JobComplete' | 'Failed';

export type IngestOperation = 'insert' | 'update' | 'upsert' | 'delete';

export interface IngestRequest {
  readonly operation: IngestOperation;
  readonly object: ObjectDef;
  /** Of an upsert. */
  readonly externalId: FieldDef | null;
  readonly columnDelimiter: string;
  readonly lineEnding: 'LF' | 'CRLF';
}

export type RowResult =
  | { readonly kind: 'saved'; readonly row: number; readonly id: string; readonly created: boolean }
  | { readonly kind: 'failed'; readonly row: number; readonly id: string; readonly error: string };

export interface IngestJob {
  readonly id: string;
  readonly request: IngestRequest;
  readonly creator: SandboxUser;
  /** The creator, and the org as the creator saw it. */
  readonly writer: Writer;
  readonly apiVersion: number;
  readonly createdMs: number;
  state: IngestState;
  stateMs: number;
  /** When all data were there. */
  uploadedMs: number | null;
  file: CsvFile | null;
  /** What a job without a readable file fails with. */
  unreadable: string | null;
  /** Rows that have a result, in the order of the file. */
  readonly results: RowResult[];
  errorMessage: string | null;
}

export function isOver({ state }: IngestJob): boolean {
  return state === 'JobComplete' || state === 'Aborted' || state === 'Failed';
}

export function move(job: IngestJob, state: IngestState, atMs: number): void {
  job.state = state;
  job.stateMs = atMs;
}

export function ingestSummary(job: IngestJob): Readonly<Record<string, unknown>> {
  const { request } = job;
  return {
    id: job.id,
    operation: request.operation,
    object: request.object.name,
    createdById: job.creator.id,
    createdDate: stamp(job.createdMs),
    systemModstamp: stamp(job.stateMs),
    state: job.state,
    ...(request.externalId === null ? {} : { externalIdFieldName: request.externalId.name }),
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: job.apiVersion,
    ...(job.state === 'Open' ? { contentUrl: `services/data/v${job.apiVersion}.0/jobs/ingest/${job.id}/batches` } : {}),
    lineEnding: request.lineEnding,
    columnDelimiter: request.columnDelimiter,
  };
}

export function ingestInfo(job: IngestJob, nowMs: number): Readonly<Record<string, unknown>> {
  const since = job.uploadedMs ?? nowMs;
  const spent = Math.max(0, (isOver(job) ? job.stateMs : nowMs) - since);
  return {
    ...ingestSummary(job),
    jobType: 'V2Ingest',
    retries: 0,
    totalProcessingTime: spent,
    apiActiveProcessingTime: spent,
    apexProcessingTime: 0,
    numberRecordsProcessed: job.results.length,
    numberRecordsFailed: job.results.filter(({ kind }) => kind === 'failed').length,
    ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
  };
}

function stamp(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('Z', '+0000');
}
