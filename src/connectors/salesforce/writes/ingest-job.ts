import { GantryError, type Json, type JsonObject } from '../../../kernel/index.ts';
import { idAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { parseCsv } from '../bulk-csv.ts';

/**
 * An ingest job of Bulk API 2.0. Nothing in it takes effect before it is
 * closed (`UploadComplete`). Source: Bulk API 2.0 guide, "Create a Job", "Upload
 * Job Data", "Upload Complete", "Get Job Info", results.
 */
export type IngestState =
  /** Waits for data: not a record has been touched. */
  | 'open'
  | 'running'
  | 'complete'
  /** Records before the failure may have been written; the results say which. */
  | 'failed'
  | 'aborted'
  /** Forgotten after seven days, or never made. */
  | 'gone';

export interface IngestInfo {
  readonly state: IngestState;
  /** Records that were tried so far. */
  readonly processed: number;
}

export async function createIngest(
  { declaration, http }: SessionContext,
  job: { readonly object: string; readonly operation: string; readonly externalIdFieldName: string | null },
): Promise<string> {
  const path = ingestPath(declaration.api_version);
  const { externalIdFieldName, ...rest } = job;
  const { body } = await http({
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...rest,
      contentType: 'CSV',
      lineEnding: 'LF',
      ...(externalIdFieldName === null ? {} : { externalIdFieldName }),
    }),
  });
  const id = idAt(body, 'id', `POST ${path}`);
  // It becomes a part of addresses.
  if (/^\w+$/.test(id)) return id;
  throw malformed(`POST ${path}`, 'id');
}

/** Once: a job takes data a single time. What fails here has no effect, as the job is still open. */
export async function uploadIngest({ declaration, http }: SessionContext, job: string, csv: string): Promise<void> {
  await http({
    path: `${ingestPath(declaration.api_version)}/${job}/batches`,
    method: 'PUT',
    headers: { 'content-type': 'text/csv' },
    body: csv,
    once: { beforeSend: async () => undefined },
    accept: (status) => status === 201 || status === 200,
  });
}

export async function ingestInfo({ declaration, http }: SessionContext, job: string): Promise<IngestInfo> {
  const { status, body } = await http({
    path: `${ingestPath(declaration.api_version)}/${job}`,
    accept: (answered) => answered === 404,
  });
  if (status === 404) return { state: 'gone', processed: 0 };
  const processed = Number(textAt(body, 'numberRecordsProcessed') ?? 0);
  return { state: stateOf(textAt(body, 'state')), processed: Number.isFinite(processed) ? processed : 0 };
}

function stateOf(text: string | null): IngestState {
  switch (text) {
    case 'Open':
      return 'open';
    case 'JobComplete':
      return 'complete';
    case 'Failed':
      return 'failed';
    case 'Aborted':
      return 'aborted';
    default:
      return 'running';
  }
}

/** Ends a job; one that has ended by itself stays as it is. What it did before, its results say. */
export async function abortIngest({ declaration, http }: SessionContext, job: string): Promise<void> {
  await http({
    path: `${ingestPath(declaration.api_version)}/${job}`,
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ state: 'Aborted' }),
    accept: (answered) => answered === 200 || answered === 400 || answered === 404 || answered === 409,
  });
}

/** Path and body of the call with which everything in a job may take effect. */
export const closing = ({ declaration }: SessionContext, job: string) => ({
  path: `${ingestPath(declaration.api_version)}/${job}`,
  method: 'PATCH' as const,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ state: 'UploadComplete' }),
});

export type ResultTable = 'successfulResults' | 'failedResults' | 'unprocessedrecords';

/** Rows of one of the three tables, by column. */
export async function ingestResults(
  { declaration, http }: SessionContext,
  job: string,
  table: ResultTable,
): Promise<readonly JsonObject[]> {
  const path = `${ingestPath(declaration.api_version)}/${job}/${table}`;
  const { body } = await http({
    path,
    headers: { accept: 'text/csv' },
    parse: parseCsv,
    // A table without rows may have no header, and no body.
    accept: (status, value) => status === 200 && value === null,
  });
  return rowsIn(body, path);
}

function rowsIn(body: Json, path: string): readonly JsonObject[] {
  if (body === null) return [];
  if (!Array.isArray(body)) throw malformed(`GET ${path}`, '');
  const [header = [], ...rows] = body as readonly (readonly string[])[];
  return rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at] ?? ''])));
}

const ingestPath = (version: string): string => `/services/data/${version}/jobs/ingest`;

function malformed(where: string, path: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: 'Salesforce answered about a bulk job in a shape that it does not document.',
    where,
    data: { class: 'malformed_response', path },
  });
}
