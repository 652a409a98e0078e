import { json, parseJson, type Route, type SandboxResponse } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { apiError, notFound } from '../rest/errors.ts';
import type { Api, ApiCall } from '../rest/session.ts';
import { writerOf } from '../rest/write-call.ts';
import { externalIdField } from '../writes/external-id.ts';
import { csvLine, DELIMITERS, LINE_ENDINGS } from './csv.ts';
import {
  ingestInfo,
  ingestSummary,
  isOver,
  type IngestJob,
  type IngestOperation,
  type IngestRequest,
} from './ingest-job.ts';
import type { IngestJobs } from './ingest-jobs.ts';
import { fullJobId } from './job.ts';

const PATH = '/services/data/:version/jobs/ingest';
const OPERATIONS: readonly IngestOperation[] = ['insert', 'update', 'upsert', 'delete'];

/** Bulk API 2.0, ingest side (Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Ingest"). */
export function ingestRoutes(seen: (call: ApiCall) => Org, api: Api, jobs: IngestJobs): readonly Route[] {
  const route = (method: Route['method'], path: string, answer: (call: ApiCall) => SandboxResponse): Route => ({
    method,
    path: `${PATH}${path}`,
    handle: api(answer),
  });
  const ofJob = (answer: (job: IngestJob, call: ApiCall) => SandboxResponse) => (call: ApiCall) => {
    const job = jobs.find(fullJobId(call.request.params['id'] ?? ''));
    return job === null || !mayManage(job, call) ? notFound() : answer(job, call);
  };
  const nowMs = (call: ApiCall): number => seen(call).clock.now().getTime();
  return [
    ...['', '/'].flatMap((end) => [
      route('POST', end, (call) => createJob(jobs, seen(call), call)),
      route('GET', end, (call) => list(jobs, call)),
    ]),
    route(
      'GET',
      '/:id',
      ofJob((job, call) => json(200, ingestInfo(job, nowMs(call)))),
    ),
    route(
      'PATCH',
      '/:id',
      ofJob((job, call) => changeState(jobs, job, call)),
    ),
    route(
      'DELETE',
      '/:id',
      ofJob((job) => removeJob(jobs, job)),
    ),
    ...['', '/'].map((end) =>
      route(
        'PUT',
        `/:id/batches${end}`,
        ofJob((job, call) => upload(jobs, job, call)),
      ),
    ),
    ...['', '/'].flatMap((end) => [
      route(
        'GET',
        `/:id/successfulResults${end}`,
        ofJob((job) => csv(job, successful(job))),
      ),
      route(
        'GET',
        `/:id/failedResults${end}`,
        ofJob((job) => csv(job, failed(job))),
      ),
      route(
        'GET',
        `/:id/unprocessedrecords${end}`,
        ofJob((job) => csv(job, unprocessed(job))),
      ),
    ]),
  ];
}

function mayManage(job: IngestJob, { user }: ApiCall): boolean {
  return job.creator.id === user.id || user.role === 'admin';
}

function createJob(jobs: IngestJobs, org: Org, call: ApiCall): SandboxResponse {
  const request = readRequest(org, call.request.body);
  if ('status' in request) return request;
  const apiVersion = Number(/v(\d+)/.exec(call.base)?.[1]);
  const job = jobs.create({ creator: call.user, writer: writerOf(org, call), request, apiVersion });
  return json(200, ingestSummary(job));
}

function readRequest(org: Org, body: string): IngestRequest | SandboxResponse {
  const input = parseJson(body);
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return apiError(400, 'JSON_PARSER_ERROR', 'The JSON body is not valid');
  const fields = input as Readonly<Record<string, unknown>>;
  const { operation, externalIdFieldName, contentType = 'CSV', columnDelimiter = 'COMMA', lineEnding = 'LF' } = fields;
  const invalid = (message: string): SandboxResponse => apiError(400, 'INVALIDJOB', message);
  const known = OPERATIONS.find((one) => one === operation);
  if (known === undefined) return invalid(`Unsupported operation: ${String(operation)}`);
  const object = typeof fields['object'] === 'string' ? org.schema.object(fields['object']) : undefined;
  if (object === undefined || !object.writable || !object.queryable)
    return apiError(400, 'INVALIDENTITY', `Unable to find object: ${String(fields['object'])}`);
  if (contentType !== 'CSV') return invalid(`Unsupported content type: ${String(contentType)}`);
  if (typeof columnDelimiter !== 'string' || !Object.hasOwn(DELIMITERS, columnDelimiter))
    return invalid(`Unknown column delimiter: ${String(columnDelimiter)}`);
  if (lineEnding !== 'LF' && lineEnding !== 'CRLF') return invalid(`Unknown line ending: ${String(lineEnding)}`);
  if (known !== 'upsert') return { operation: known, object, externalId: null, columnDelimiter, lineEnding };
  const externalId = typeof externalIdFieldName === 'string' ? externalIdField(org, object, externalIdFieldName) : null;
  if (externalId === null)
    return invalid(
      externalIdFieldName === undefined
        ? 'External ID was blank for the upsert operation'
        : `Field name ${JSON.stringify(externalIdFieldName)} is not an external ID of ${object.name}`,
    );
  return { operation: known, object, externalId, columnDelimiter, lineEnding };
}

function list(jobs: IngestJobs, call: ApiCall): SandboxResponse {
  const mine = jobs.all().filter((job) => mayManage(job, call));
  return json(200, {
    done: true,
    records: mine.map((job) => ({ ...ingestSummary(job), jobType: 'V2Ingest' })),
    nextRecordsUrl: null,
  });
}

function upload(jobs: IngestJobs, job: IngestJob, { request }: ApiCall): SandboxResponse {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim();
  if (type !== 'text/csv') return apiError(415, 'INVALID_CONTENT_TYPE', `Content-Type ${type ?? ''} is not text/csv`);
  if (job.state !== 'Open')
    return apiError(400, 'INVALIDJOBSTATE', `Uploading data is only allowed while the job is Open, not ${job.state}`);
  // Guide, "Upload Job Data": one upload for each job.
  if (!jobs.upload(job, request.body))
    return apiError(400, 'INVALIDJOBSTATE', 'Found multiple contents for job: only one upload is allowed');
  return { status: 201 };
}

function changeState(jobs: IngestJobs, job: IngestJob, { request }: ApiCall): SandboxResponse {
  const input = parseJson(request.body);
  const state = typeof input === 'object' && input !== null && 'state' in input ? input.state : undefined;
  if (state !== 'UploadComplete' && state !== 'Aborted')
    return apiError(400, 'INVALIDJOBSTATE', `Invalid job state: ${String(state)}`);
  if (state === 'UploadComplete' && job.state !== 'Open')
    return apiError(400, 'INVALIDJOBSTATE', `Job cannot go from ${job.state} to UploadComplete`);
  if (isOver(job)) return apiError(400, 'INVALIDJOBSTATE', `Aborting already ${job.state} Job not allowed`);
  if (state === 'Aborted') jobs.abort(job);
  else jobs.complete(job);
  return json(200, ingestSummary(job));
}

function removeJob(jobs: IngestJobs, job: IngestJob): SandboxResponse {
  if (!isOver(job) && job.state !== 'UploadComplete')
    return apiError(400, 'API_ERROR', 'Error encountered when deleting the job because the job is not terminated');
  jobs.remove(job);
  return { status: 204 };
}

type Lines = readonly (readonly string[])[];

function successful(job: IngestJob): Lines {
  const lines = job.results.flatMap((one) =>
    one.kind === 'saved' ? [[one.id, String(one.created), ...rowOf(job, one.row)]] : [],
  );
  return [['sf__Id', 'sf__Created', ...(job.file?.columns ?? [])], ...lines];
}

function failed(job: IngestJob): Lines {
  const lines = job.results.flatMap((one) =>
    one.kind === 'failed' ? [[one.id, one.error, ...rowOf(job, one.row)]] : [],
  );
  return [['sf__Id', 'sf__Error', ...(job.file?.columns ?? [])], ...lines];
}

/** Rows of a job that was aborted or failed before their turn. */
function unprocessed(job: IngestJob): Lines {
  const rows = isOver(job) ? (job.file?.rows.slice(job.results.length) ?? []) : [];
  return [job.file?.columns ?? [], ...rows];
}

function rowOf({ file }: IngestJob, row: number): readonly string[] {
  return file?.rows[row] ?? [];
}

function csv({ request }: IngestJob, lines: Lines): SandboxResponse {
  const format = {
    delimiter: DELIMITERS[request.columnDelimiter] ?? ',',
    lineEnding: LINE_ENDINGS[request.lineEnding] ?? '\n',
  };
  return {
    status: 200,
    headers: { 'content-type': 'text/csv' },
    body: lines.map((line) => csvLine(line, format)).join(''),
  };
}
