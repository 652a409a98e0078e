import { GantryError, limits, type Json, type JsonObject } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import { idAt, textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { readFittingPage } from '../kit/fitting-page.ts';
import { parseCsv, rowsOf } from './bulk-csv.ts';

/** `running`: in any state before an end. `ended`: failed, or aborted by somebody. */
export type BulkState = 'running' | 'complete' | 'ended';

/**
 * A query job of Bulk API 2.0. Sources: Bulk API 2.0 guide, "Create a Query
 * Job", "Get Information About a Query Job", "Get Results for a Query Job",
 * "Delete a Query Job".
 *
 * Null where Salesforce does not take the query as a job: the object is not
 * supported there, the user lacks the right, or the day's jobs are used up.
 */
export async function createJob(
  { declaration, http }: SessionContext,
  query: { readonly soql: string; readonly deletedToo: boolean },
): Promise<string | null> {
  const path = jobsPath(declaration.api_version);
  try {
    const { body } = await http({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ operation: query.deletedToo ? 'queryAll' : 'query', query: query.soql }),
    });
    const job = idAt(body, 'id', `POST ${path}`);
    // It becomes a part of addresses.
    if (/^\w+$/.test(job)) return job;
    throw new GantryError('upstream_malformed', {
      message: 'Salesforce gave the bulk job an id that is none.',
      where: `POST ${path}`,
      data: { class: 'malformed_response', path: 'id' },
    });
  } catch (error) {
    if (error instanceof GantryError && NO_JOB.has(error.code)) return null;
    throw error;
  }
}

const NO_JOB = new Set(['upstream_refused', 'upstream_forbidden', 'upstream_object_missing']);

/** Raises `cursor_expired` where the job is no longer known. */
export async function jobState({ declaration, http }: SessionContext, job: string): Promise<BulkState> {
  const path = `${jobsPath(declaration.api_version)}/${job}`;
  const { body } = await http({ path }).catch((error: unknown) => {
    throw orExpired(error);
  });
  const state = textAt(body, 'state');
  if (state === 'JobComplete') return 'complete';
  return state === 'Aborted' || state === 'Failed' ? 'ended' : 'running';
}

export interface BulkResults {
  readonly rows: readonly JsonObject[];
  /** Where the next results are; null: these are the last. */
  readonly locator: string | null;
}

/** The results at `locator` (null: the first). Raises `cursor_expired` where they are no longer kept: that ends after seven days. */
export async function jobResults(
  context: SessionContext,
  object: NativeObject,
  { job, locator, sizeMax }: { readonly job: string; readonly locator: string | null; readonly sizeMax: number },
): Promise<BulkResults> {
  const path = `${jobsPath(context.declaration.api_version)}/${job}/results`;
  return readFittingPage(context, {
    object: object.name,
    sizeMax,
    read: async (size) => {
      const query = { maxRecords: String(size), ...(locator === null ? {} : { locator }) };
      const { body, headers } = await context
        .http({ path, query, headers: { accept: 'text/csv' }, parse: parseCsv })
        .catch((error: unknown) => {
          throw orExpired(error);
        });
      const next = headers.get('sforce-locator');
      return {
        rows: completeRows(object, body, { path, stated: headers.get('sforce-numberofrecords') }),
        locator: next === null || next === '' || next === 'null' ? null : checkedLocator(next, path),
      };
    },
  });
}

function checkedLocator(locator: string, path: string): string {
  if (locator.length <= limits.cursorCharsMax) return locator;
  throw new GantryError('upstream_malformed', {
    message: 'Salesforce names a place in its bulk results that is longer than an address can carry.',
    where: `GET ${path}`,
    data: { class: 'malformed_response', path: 'sforce-locator' },
  });
}

/** An answer may end between two rows and look whole: the header says how many there are. */
function completeRows(
  object: NativeObject,
  body: Json,
  { path, stated }: { readonly path: string; readonly stated: string | null },
): readonly JsonObject[] {
  const rows = rowsOf(object, body);
  if (rows !== null && (stated === null || Number(stated) === rows.length)) return rows;
  throw new GantryError('upstream_malformed', {
    message: `Salesforce's bulk results of "${object.name}" are not the table that it announced.`,
    where: `GET ${path}`,
    data: { class: 'malformed_response' },
  });
}

/** The results are kept: Salesforce need not keep them for the seven days. One that is gone already is as good. */
export async function dropJob({ declaration, http }: SessionContext, job: string): Promise<void> {
  await http({
    path: `${jobsPath(declaration.api_version)}/${job}`,
    method: 'DELETE',
    accept: (status) => status < 300 || (status >= 400 && status < 500 && status !== 401 && status !== 429),
  });
}

const jobsPath = (version: string): string => `/services/data/${version}/jobs/query`;

/** 409: the results were made by another version of the API than the one that asks now. */
const GONE = new Set<unknown>([404, 409, 410]);

function orExpired(error: unknown): unknown {
  if (!(error instanceof GantryError) || !GONE.has(error.details.data?.['status'])) return error;
  return new GantryError('cursor_expired', {
    message: 'Salesforce no longer has the results of the bulk job that reading was in.',
    ...(error.details.where === undefined ? {} : { where: error.details.where }),
    data: { ...error.details.data },
  });
}
