import type { QueryJob, Snapshot } from './job.ts';
import { csvLine, csvValue, DELIMITERS, LINE_ENDINGS, type CsvFormat } from './csv.ts';

export interface ResultSet {
  readonly csv: string;
  readonly count: number;
  /** `null`, in words, after the last set. */
  readonly locator: string;
}

/** No set grows beyond this, whatever the number of records asked for. */
const SET_CHARACTERS_MAX = 64 * 1024 * 1024;

export function formatOf(job: QueryJob): CsvFormat {
  const { columnDelimiter, lineEnding } = job.request;
  return { delimiter: DELIMITERS[columnDelimiter] ?? ',', lineEnding: LINE_ENDINGS[lineEnding] ?? '\n' };
}

/** One line of a job's results, from the records as they are now. */
export function lineOf(snapshot: Snapshot, row: number, format: CsvFormat): string {
  return csvLine(
    snapshot.columns.map(({ field }) => csvValue(field.def, field.read(row))),
    format,
  );
}

/** A set of results from a place on. Each set begins with the names of the columns. */
export function resultSet(job: QueryJob, snapshot: Snapshot, from: number, atMost: number): ResultSet {
  const format = formatOf(job);
  const lines = [
    csvLine(
      snapshot.columns.map((column) => column.name),
      format,
    ),
  ];
  let at = from;
  for (let size = 0; at < snapshot.rows.length && at - from < atMost && size < SET_CHARACTERS_MAX; at += 1) {
    const row = snapshot.rows[at] as number;
    const line = snapshot.frozen.get(row) ?? lineOf(snapshot, row, format);
    size += line.length;
    lines.push(line);
  }
  return { csv: lines.join(''), count: at - from, locator: at < snapshot.rows.length ? locatorOf(at) : 'null' };
}

/** Opaque to callers; the same place has the same locator for as long as the job exists. */
function locatorOf(at: number): string {
  return Buffer.from(String(at)).toString('base64').replaceAll('=', '');
}

/** The place behind a locator of this job; null when it never gave that one out. */
export function placeOf(locator: string, snapshot: Snapshot): number | null {
  const text = Buffer.from(locator, 'base64').toString('utf8');
  const at = /^\d{1,12}$/.test(text) ? Number(text) : -1;
  return at > 0 && at < snapshot.rows.length && locatorOf(at) === locator ? at : null;
}
