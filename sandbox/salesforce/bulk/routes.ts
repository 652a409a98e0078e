import { ControlError, json, parseJson, type Route, type SandboxResponse } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { apiError, notFound } from '../rest/errors.ts';
import type { Limits } from '../rest/limits.ts';
import type { Api, ApiCall } from '../rest/session.ts';
import { prepareSoql } from '../soql/execute.ts';
import { PlainQueryError, SoqlError } from '../soql/soql-error.ts';
import { DELIMITERS, LINE_ENDINGS } from './csv.ts';
import { fullJobId, isTerminal, jobInfo, jobSummary, type JobRequest, type QueryJob } from './job.ts';
import type { IngestJobs } from './ingest-jobs.ts';
import type { QueryJobs } from './jobs.ts';
import { refuseChildQuery, refuseQuery } from './refusal.ts';
import { placeOf, resultSet } from './results.ts';

const PATH = '/services/data/:version/jobs/query';
/** Jobs in one answer of the list. */
const LIST_MAX = 1_000;

/** Bulk API 2.0, query side (Bulk API 2.0 and Bulk API Developer Guide, "Query Jobs"). */
export function bulkRoutes(seen: (call: ApiCall) => Org, api: Api, jobs: QueryJobs, limits: Limits): readonly Route[] {
  const route = (method: Route['method'], path: string, answer: (call: ApiCall) => SandboxResponse): Route => ({
    method,
    path: `${PATH}${path}`,
    handle: api(answer),
  });
  const withJob = (answer: (job: QueryJob, call: ApiCall) => SandboxResponse) => (call: ApiCall) => {
    const job = jobs.find(fullJobId(call.request.params['id'] ?? ''));
    return job === null || !mayManage(job, call) ? notFound() : answer(job, call);
  };
  const create = (call: ApiCall): SandboxResponse => createJob(seen(call), jobs, limits, call);
  const list = (call: ApiCall): SandboxResponse => listJobs(jobs, call);
  return [
    ...['', '/'].flatMap((end) => [route('POST', end, create), route('GET', end, list)]),
    route(
      'GET',
      '/:id',
      withJob((job, call) => json(200, jobInfo(job, seen(call).clock.now().getTime()))),
    ),
    route(
      'PATCH',
      '/:id',
      withJob((job, call) => abortJob(jobs, job, call)),
    ),
    route(
      'DELETE',
      '/:id',
      withJob((job) => deleteJob(jobs, job)),
    ),
    route(
      'GET',
      '/:id/results',
      withJob((job, call) => results(limits, job, call)),
    ),
  ];
}

/** Sets the next jobs to fail: `{fail: count, message?}`, or `{failIngest: count, afterRows?, message?}`. */
export function bulkControl(jobs: QueryJobs, ingest: IngestJobs) {
  return (input: Readonly<Record<string, unknown>>): unknown => {
    const { failIngest, afterRows = 0 } = input;
    if (failIngest !== undefined) {
      const { message = 'InternalServerError : An unexpected error occurred.' } = input;
      if (!isCount(failIngest) || !isCount(afterRows) || typeof message !== 'string')
        throw new ControlError('bulk wants {failIngest: whole number >= 0, afterRows?: whole number, message?: text}');
      ingest.failNext(failIngest, message, afterRows);
      return { failIngest, afterRows, message };
    }
    const { fail, message = 'QUERY_TIMEOUT: Your query request was running for too long.' } = input;
    if (!isCount(fail) || typeof message !== 'string')
      throw new ControlError('bulk wants {fail: whole number >= 0, message?: text}');
    jobs.failNext(fail, message);
    return { fail, message };
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function mayManage(job: QueryJob, { user }: ApiCall): boolean {
  return job.creator.id === user.id || user.role === 'admin';
}

function createJob(org: Org, jobs: QueryJobs, limits: Limits, call: ApiCall): SandboxResponse {
  const request = readRequest(call.request.body);
  if ('status' in request) return request;
  const started = jobs.startedToday();
  const most = limits.settings.dailyBulkQueryJobs;
  if (started >= most) {
    return apiError(
      400,
      'LIMIT_EXCEEDED',
      `Max bulk v2 query jobs (${most}) per 24 hrs has been reached (${started + 1})`,
    );
  }
  const child = refuseChildQuery(request.query);
  if (child !== null) return child;
  try {
    const prepared = prepareSoql(org, request.query);
    const refusal = refuseQuery(prepared);
    if (refusal !== null) return refusal;
    prepared.check();
    const splittable = prepared.query.limit === null && prepared.query.orderBy.length === 0;
    const apiVersion = Number(/v(\d+)/.exec(call.base)?.[1]);
    const start = { creator: call.user, org, request, object: prepared.object.name, apiVersion, splittable };
    return json(200, jobSummary(jobs.create(start)));
  } catch (error) {
    if (error instanceof SoqlError || error instanceof PlainQueryError)
      return apiError(400, error.errorCode, error.message);
    throw error;
  }
}

function readRequest(body: string): JobRequest | SandboxResponse {
  const input = parseJson(body);
  const wrong = (message: string): SandboxResponse => apiError(400, 'JSON_PARSER_ERROR', message);
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return wrong('The JSON body is not valid');
  const fields = input as Readonly<Record<string, unknown>>;
  const { operation, query, contentType = 'CSV', columnDelimiter = 'COMMA', lineEnding = 'LF' } = fields;
  if (operation !== 'query' && operation !== 'queryAll')
    return apiError(400, 'INVALIDJOB', `Invalid operation for a query job: ${String(operation)}`);
  if (typeof query !== 'string' || query.trim() === '') return apiError(400, 'INVALIDJOB', 'No query was given');
  if (contentType !== 'CSV') return apiError(400, 'INVALIDJOB', `Unsupported content type: ${String(contentType)}`);
  if (typeof columnDelimiter !== 'string' || !Object.hasOwn(DELIMITERS, columnDelimiter))
    return wrong(`Unknown column delimiter: ${String(columnDelimiter)}`);
  if (typeof lineEnding !== 'string' || !Object.hasOwn(LINE_ENDINGS, lineEnding))
    return wrong(`Unknown line ending: ${String(lineEnding)}`);
  return { operation, query, columnDelimiter, lineEnding };
}

function listJobs(jobs: QueryJobs, call: ApiCall): SandboxResponse {
  const type = call.request.query.get('jobType');
  const mine = jobs.all().filter((job) => mayManage(job, call));
  // Only query jobs of this API exist; jobs of the others and chunked ones of the old API are none.
  const chunked = call.request.query.get('isPkChunkingEnabled') === 'true';
  const listed = chunked || (type !== null && type !== '' && type !== 'V2Query') ? [] : mine;
  const after = call.request.query.get('queryLocator');
  const from = after === null || after === '' ? 0 : listed.findIndex((job) => job.id === after);
  if (from < 0) return apiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  const next = listed[from + LIST_MAX];
  return json(200, {
    done: next === undefined,
    records: listed.slice(from, from + LIST_MAX).map((job) => ({ ...jobSummary(job), jobType: 'V2Query' })),
    nextRecordsUrl: next === undefined ? null : `${call.base}/jobs/query?queryLocator=${next.id}`,
  });
}

function abortJob(jobs: QueryJobs, job: QueryJob, call: ApiCall): SandboxResponse {
  const input = parseJson(call.request.body);
  const state = typeof input === 'object' && input !== null && 'state' in input ? input.state : undefined;
  if (state !== 'Aborted') return apiError(400, 'INVALIDJOBSTATE', `Invalid job state: ${String(state)}`);
  if (isTerminal(job)) {
    const word = job.state === 'JobComplete' ? 'Completed' : job.state;
    return apiError(400, 'INVALIDJOBSTATE', `Aborting already ${word} Job not allowed`);
  }
  jobs.abort(job);
  return json(200, jobSummary(job));
}

function deleteJob(jobs: QueryJobs, job: QueryJob): SandboxResponse {
  if (!isTerminal(job))
    return apiError(400, 'API_ERROR', 'Error encountered when deleting the job because the job is not terminated');
  jobs.remove(job);
  return { status: 204 };
}

/** A set of results; a job that has none answers 204, as the guide says of requests that fail. */
function results(limits: Limits, job: QueryJob, call: ApiCall): SandboxResponse {
  if (job.creator.id !== call.user.id) return notFound();
  const { snapshot } = job;
  if (job.state !== 'JobComplete' || snapshot === null) return { status: 204 };
  const { query } = call.request;
  const asked = query.get('maxRecords');
  const most = limits.settings.bulkResultRecords;
  if (asked !== null && !/^[1-9]\d{0,8}$/.test(asked))
    return apiError(400, 'API_ERROR', `Invalid maxRecords value: ${asked}`);
  const locator = query.get('locator');
  const from = locator === null || locator === '' ? 0 : placeOf(locator, snapshot);
  if (from === null) return apiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  const set = resultSet(job, snapshot, from, Math.min(asked === null ? most : Number(asked), most));
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv',
      'sforce-numberofrecords': String(set.count),
      'sforce-locator': set.locator,
    },
    body: set.csv,
  };
}
