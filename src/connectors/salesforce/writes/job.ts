import { limits, type Clock, type JsonObject } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { writeCall } from '../../kit/write-call.ts';
import { applied, refusal, refusedBy, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { WriteItem, WriteOutcome, WriteRequest } from '../../writes.ts';
import { matchField } from './collection.ts';
import { abortIngest, closing, createIngest, ingestInfo, ingestResults, uploadIngest } from './ingest-job.ts';
import { refusalIn, refusalOfBulk } from './refusals.ts';
import { matchOf } from './single.ts';
import { csvValue, EMPTY_CELL, idIn } from './values.ts';
import { keyFieldOf } from './way.ts';

export interface JobWaiting {
  readonly clock: Clock;
  readonly firstLookMs: number;
}

/**
 * Records by a bulk job: made, told to whoever keeps it, filled, and only then
 * closed, from when on it takes effect. An earlier attempt's job is gone on
 * with: one that was never closed is ended, and its records come again. What
 * they were checked for was true when that attempt began, not now.
 */
export async function sendJob(
  context: SessionContext,
  request: WriteRequest,
  waiting: JobWaiting,
): Promise<readonly WriteOutcome[]> {
  // The one text that means "empty" in a job's table cannot be written by it.
  const [able, unable] = [request.items.filter(isCarried), request.items.filter((item) => !isCarried(item))];
  if (unable.length > 0) {
    const refused = refusedBy(refusal('value_not_allowed'));
    const rest = able.length === 0 ? [] : await sendJob(context, { ...request, items: able }, waiting);
    return request.items.map((item) => rest[able.indexOf(item)] ?? refused);
  }
  const known = jobIn(request.job);
  if (known !== null) {
    const { state } = await ingestInfo(context, known);
    if (state === 'open') await abortIngest(context, known);
    // A closing that was still on its way may have come before the end: only the job itself says what it did.
    return ended(context, request, known, waiting);
  }
  const job = await createIngest(context, draftOf(request));
  await request.onJob({ job });
  await uploadIngest(context, job, csvOf(request));
  const answer = await writeCall(context, closing(context, job), request.beforeSend);
  if (answer.kind === 'answered' && answer.status >= 300) {
    const refused = refusedBy(refusalIn(answer.body));
    return request.items.map(() => refused);
  }
  return ended(context, request, job, waiting);
}

const isCarried = ({ values }: WriteItem): boolean => !Object.values(values).includes(EMPTY_CELL);

export function jobIn(job: JsonObject | null): string | null {
  const id = job?.['job'];
  return typeof id === 'string' && /^\w+$/.test(id) ? id : null;
}

/** Waits for the job's end, or for that of our patience: then nobody knows, and whoever asks again goes on with it. */
async function ended(
  context: SessionContext,
  request: Pick<WriteRequest, 'object' | 'operation' | 'items' | 'signal'>,
  job: string,
  { clock, firstLookMs }: JobWaiting,
): Promise<readonly WriteOutcome[]> {
  try {
    for (let looks = 0; ; looks += 1) {
      request.signal.throwIfAborted();
      const { state } = await ingestInfo(context, job);
      if (state === 'open' || state === 'gone') return request.items.map(() => UNKNOWN);
      if (state !== 'running') return await jobOutcomes(context, request, job);
      await clock.sleep(Math.min(limits.bulkPollMaxMs, firstLookMs * 2 ** looks), request.signal);
    }
  } catch {
    return request.items.map(() => UNKNOWN);
  }
}

/** What the job did, spread to its records by their key column. Of a record in no table nobody knows. */
export async function jobOutcomes(
  context: SessionContext,
  request: Pick<WriteRequest, 'object' | 'operation' | 'items'>,
  job: string,
): Promise<readonly WriteOutcome[]> {
  const column = keyColumn(request);
  const { state, processed } = await ingestInfo(context, job);
  const found = new Map<string, WriteOutcome>();
  const note = (row: JsonObject, outcome: WriteOutcome): void => {
    const key = row[column.name];
    if (typeof key === 'string') found.set(key, outcome);
  };
  for (const row of await ingestResults(context, job, 'successfulResults')) {
    const isMade = request.operation === 'create' || request.operation === 'upsert';
    const id = idIn(textAt(row, 'sf__Id'));
    if (id !== null) note(row, applied(id, { created: isMade && row['sf__Created'] === 'true' }));
  }
  for (const row of await ingestResults(context, job, 'failedResults'))
    note(row, refusedBy(refusalOfBulk(textAt(row, 'sf__Error') ?? '')));
  const isTried = processed > 0 || found.size > 0;
  const again: WriteOutcome = { kind: 'try_again', afterMs: null, refusal: refusal('unavailable') };
  for (const row of await ingestResults(context, job, 'unprocessedrecords')) note(row, again);
  // A job that ended before its first record has no tables: its columns, or its object, are not what they were.
  const ownEnd = isTried || found.size > 0 ? UNKNOWN : refusedBy(refusal('other'));
  const missing = state === 'aborted' && !isTried ? again : ownEnd;
  return request.items.map((item) => found.get(column.of(item)) ?? missing);
}

interface KeyColumn {
  readonly name: string;
  of(item: WriteItem): string;
}

function keyColumn({ object, operation, items }: Pick<WriteRequest, 'object' | 'operation' | 'items'>): KeyColumn {
  if (operation === 'update' || operation === 'delete') return { name: 'Id', of: (item) => item.recordId ?? '' };
  if (operation === 'upsert') return { name: matchField(items), of: (item) => String(matchOf(item).value) };
  const key = keyFieldOf(object);
  if (key === null) throw new Error('a job of new records needs a field for their keys');
  return { name: key.name, of: (item) => item.key };
}

function draftOf(request: WriteRequest) {
  const { object, operation } = request;
  const column = keyColumn(request);
  return {
    object: object.name,
    operation: operation === 'create' ? 'insert' : operation,
    externalIdFieldName: operation === 'upsert' ? column.name : null,
  };
}

function csvOf(request: WriteRequest): string {
  const column = keyColumn(request);
  const named = new Set(request.items.flatMap((item) => Object.keys(item.values)));
  named.delete(column.name);
  const fields = request.operation === 'delete' ? [] : [...named];
  const rows = request.items.map((item) =>
    [csvValue(column.of(item)), ...fields.map((field) => csvValue(item.values[field]))].join(','),
  );
  return `${[[column.name, ...fields].join(','), ...rows].join('\n')}\n`;
}
