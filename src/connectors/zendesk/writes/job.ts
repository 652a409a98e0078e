import { GantryError, isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { UpstreamRequest } from '../../kit/http-client.ts';
import { readPath } from '../../kit/value-path.ts';
import { writeCall } from '../../kit/write-call.ts';
import { applied, refusedBy, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { WriteItem, WriteOutcome, WriteRequest } from '../../writes.ts';
import { bodyOf, numeric } from './body.ts';
import { refusalOf, refusalOfResult } from './refusals.ts';
import { madeBefore } from './single.ts';
import { settle } from './settle.ts';
import { isWritten, WRITTEN } from './ways.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
/** From the first question to the last, each twice as late as the one before. */
const [POLL_MS, POLL_MAX_MS] = [250, 5_000];
/** Whoever waits longer asks again later, with the job. */
const WAIT_MAX_MS = 120_000;

/** Up to 100 records at once: Zendesk answers with a job, and the job with a result for each record. */
export async function sendJob(context: SessionContext, request: WriteRequest): Promise<readonly WriteOutcome[]> {
  const known = request.job === null ? null : textAt(request.job, 'id');
  if (known !== null) return follow(context, request, known);
  const answer = await writeCall(context, callOf(request), request.beforeSend);
  if (answer.kind === 'unknown') return request.items.map(() => UNKNOWN);
  if (answer.status >= 400) {
    const no = refusedBy(refusalOf(answer.status, answer.body));
    return request.items.map(() => no);
  }
  const id = textAt(answer.body, 'job_status.id');
  if (id === null) return request.items.map(() => UNKNOWN);
  // From here on the job is theirs, and does its work whatever fails here: nothing is raised any more.
  try {
    await request.onJob({ id, keys: request.items.map(({ key }) => key) }).catch(() => undefined);
    return await follow(context, request, id);
  } catch {
    return request.items.map(() => UNKNOWN);
  }
}

function callOf({ object, operation, items }: WriteRequest): UpstreamRequest {
  if (!isWritten(object.name)) throw new Error(`${object.name} is not written`);
  const { many } = WRITTEN[object.name];
  const records = items.map((item): JsonObject => ({
    ...bodyOf(object, operation, item),
    ...(item.recordId === null ? {} : { id: numeric(item.recordId) }),
  }));
  const path = (what: string): string => `/api/v2/${many}/${what}.json`;
  const sent = { headers: JSON_TYPE, body: JSON.stringify({ [many]: records }) };
  switch (operation) {
    case 'create':
      return { method: 'POST', path: path('create_many'), ...sent };
    case 'upsert':
      return { method: 'POST', path: path('create_or_update_many'), ...sent };
    case 'update':
      return { method: 'PUT', path: path('update_many'), ...sent };
    case 'delete': {
      const ids = items.map(({ recordId }) => recordId ?? '').join(',');
      return { method: 'DELETE', path: path('destroy_many'), query: { ids } };
    }
  }
}

/** Asks until the job has ended. What is not known then is asked for later: the job is kept. */
async function follow(context: SessionContext, request: WriteRequest, id: string): Promise<readonly WriteOutcome[]> {
  const path = `/api/v2/job_statuses/${encodeURIComponent(id)}.json`;
  let waited = 0;
  for (let waitMs = POLL_MS; ; waitMs = Math.min(waitMs * 2, POLL_MAX_MS)) {
    const status = await statusOf(context, path);
    if (status === 'gone') return afterwards(context, request);
    if (status !== null && hasEnded(status)) return outcomesOf(context, request, status);
    if (waited >= WAIT_MAX_MS || request.signal.aborted) return request.items.map(() => UNKNOWN);
    await context.clock.sleep(waitMs, request.signal).catch(() => undefined);
    waited += waitMs;
  }
}

/** Null: nobody says at the moment. */
async function statusOf({ http }: SessionContext, path: string): Promise<JsonObject | 'gone' | null> {
  try {
    const { status, body } = await http({ path, accept: (answered) => answered === 404 });
    if (status === 404) return 'gone';
    const job = readPath(body, 'job_status');
    return isJsonObject(job) ? job : null;
  } catch (error) {
    if (error instanceof GantryError && error.code !== 'internal') return null;
    throw error;
  }
}

const hasEnded = (job: JsonObject): boolean => ['completed', 'failed', 'killed'].includes(textAt(job, 'status') ?? '');

/** Zendesk forgets jobs within a day: what they did stands in the records. */
async function afterwards(context: SessionContext, request: WriteRequest): Promise<readonly WriteOutcome[]> {
  const settled = await settle(context, request, new Map());
  return settled.map((one): WriteOutcome => {
    if (one.kind === 'applied') return applied(one.recordId, { created: one.created, existed: true });
    return UNKNOWN;
  });
}

/**
 * "Job Statuses", Results: records that were made are numbered by `index`,
 * others named by `id`; some jobs tell neither and keep the order.
 */
async function outcomesOf(
  context: SessionContext,
  request: WriteRequest,
  job: JsonObject,
): Promise<readonly WriteOutcome[]> {
  const list = job['results'];
  const results = Array.isArray(list) ? list.filter(isJsonObject) : [];
  // Whoever goes on with a job may ask for some of its records only.
  const { job: known } = request;
  const keys = Array.isArray(known?.['keys']) ? known['keys'] : request.items.map(({ key }) => key);
  const isNumbered = results.some((result) => typeof result['index'] === 'number');
  const inOrder = !isNumbered && results.length === keys.length;
  const outcomes: WriteOutcome[] = [];
  for (const item of request.items) {
    const at = keys.indexOf(item.key);
    const own = results.find((result) => isOf(result, item, at, isNumbered)) ?? (inOrder ? results[at] : undefined);
    outcomes.push(own === undefined ? UNKNOWN : await outcomeOf(context, request, item, own));
  }
  return outcomes;
}

function isOf(result: JsonObject, item: WriteItem, at: number, isNumbered: boolean): boolean {
  if (isNumbered && typeof result['index'] === 'number') return result['index'] === at;
  return item.recordId !== null && textAt(result, 'id') === item.recordId;
}

async function outcomeOf(
  context: SessionContext,
  { object, operation }: WriteRequest,
  item: WriteItem,
  result: JsonObject,
): Promise<WriteOutcome> {
  const error = textAt(result, 'error') ?? textAt(result, 'errors');
  if (error !== null || result['success'] === false || isFailure(result['status'])) {
    const known = refusalOfResult(error, textAt(result, 'details'));
    const isOurs = operation === 'create' && object.name !== 'tickets' && known.code === 'duplicate';
    return (isOurs ? await madeBefore(context, object, item) : null) ?? refusedBy(known);
  }
  if (item.recordId !== null) return applied(item.recordId);
  const recordId = textAt(result, 'id');
  if (recordId === null) return UNKNOWN;
  return applied(recordId, { created: operation === 'create' || result['status'] === 'Created' });
}

const isFailure = (status: Json | undefined): boolean => status === 'Failed';
