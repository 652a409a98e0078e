import { limits, type Clock } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { Cursor, PageRequest, RecordPage } from '../contract.ts';
import { numberAt, serverTimeOf } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { trailIn, trailTo, type Trail } from '../kit/trail.ts';
import { createJob, dropJob, jobResults, jobState } from './bulk-job.ts';
import { nativeRecord, stampFieldOf } from './native-record.ts';
import { positionAfter, positionSince } from './position.ts';
import { readKeysetPage } from './read-keyset.ts';
import { bulkSoql, encodedSoql, soqlStamp } from './soql.ts';

/**
 * Where a first load by bulk job stands. The job reads a fixed window, all
 * records changed up to `upTo`, in no order; its results can be asked for page
 * by page by anybody who knows the job, in any process. What changes meanwhile
 * leaves the window and is read by stamp afterwards.
 */
interface BulkPosition {
  readonly by: 'bulk';
  readonly job: string;
  readonly upTo: string;
  readonly since: string | null;
  /** Null: the first results. */
  readonly locator: string | null;
  /** Looks at the job so far. */
  readonly looks: number;
  /** All results are kept; the job can go. */
  readonly spent: boolean;
  /** Over the locators so far. */
  readonly trail?: Trail;
}

export interface BulkOptions {
  /** Loads of more records than this are made by bulk job; Infinity: none. */
  readonly fromRecords: number;
  readonly pageRecords: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

export const isBulkCursor = (cursor: Cursor | null): boolean => cursor?.['by'] === 'bulk';

/** Begins a large first load with a job. Null where the object is not large, or not to be had this way. */
export async function startBulk(
  context: SessionContext,
  { object, since = null }: { readonly object: NativeObject; readonly since?: Date | null },
  { fromRecords }: BulkOptions,
): Promise<RecordPage | null> {
  const stampField = stampFieldOf(object);
  if (stampField === null || fromRecords === Infinity) return null;
  const window = { object: object.name, stampField, since: since === null ? null : soqlStamp(since) };
  const path = `/services/data/${context.declaration.api_version}/query`;
  const counted = await context.http({
    path,
    rawQuery: `q=${encodedSoql(bulkSoql({ ...window, fields: null, upTo: null }))}`,
  });
  if (numberAt(counted.body, 'totalSize', `GET ${path}`) <= fromRecords) return null;
  const upTo = soqlStamp(serverTimeOf(counted));
  const fields = object.fields.map((field) => field.name);
  const soql = bulkSoql({ ...window, fields, upTo });
  if (soql.length > SOQL_CHARS_MAX) return null;
  const job = await createJob(context, { soql, deletedToo: fields.includes('IsDeleted') });
  if (job === null) return null;
  const position: BulkPosition = { by: 'bulk', job, upTo, since: window.since, locator: null, looks: 0, spent: false };
  return pageWithout(counted.askedAt, position);
}

/** The limit of one SOQL statement (SOQL and SOSL reference, "SOQL SELECT Syntax"). */
const SOQL_CHARS_MAX = 100_000;

/** Goes on with a load by job: waits, takes the next results, or leaves the job for the reading by stamp. */
export async function readBulkPage(
  context: SessionContext,
  request: PageRequest,
  { clock, signal, pageRecords }: BulkOptions,
): Promise<RecordPage> {
  const { object } = request;
  const position = request.cursor as unknown as BulkPosition;
  const stampField = stampFieldOf(object) ?? 'SystemModstamp';
  const byStamp = (place: ReturnType<typeof positionSince>): Promise<RecordPage> =>
    readKeysetPage(context, { object, cursor: place as unknown as Cursor });
  if (position.spent) {
    await dropJob(context, position.job);
    return byStamp(positionAfter(new Date(position.upTo), stampField));
  }
  if (position.locator === null) {
    const state = await jobState(context, position.job);
    // Whoever aborted the job did not abort the load: it goes on by small queries.
    if (state === 'ended')
      return byStamp(positionSince(position.since === null ? null : new Date(position.since), stampField));
    if (state === 'running') {
      await clock.sleep(Math.min(limits.bulkPollMaxMs, FIRST_LOOK_MS * 2 ** position.looks), signal);
      return pageWithout(clock.now(), { ...position, looks: position.looks + 1 });
    }
  }
  const { rows, locator } = await jobResults(context, object, { ...position, sizeMax: pageRecords });
  const { trail: before, ...held } = position;
  const trail =
    locator === null
      ? undefined
      : trailTo(trailIn(before), {
          place: locator,
          records: rows.length,
          object: object.name,
          where: `results of bulk job ${position.job}`,
        });
  const next: BulkPosition = {
    ...held,
    locator,
    spent: locator === null,
    ...(trail === undefined ? {} : { trail }),
  };
  return { ...pageWithout(clock.now(), next), records: rows.map((row) => nativeRecord(object, row, stampField)) };
}

const FIRST_LOOK_MS = 500;

const pageWithout = (readAt: Date, position: BulkPosition): RecordPage => ({
  records: [],
  cursor: position as unknown as Cursor,
  more: true,
  readAt,
});
