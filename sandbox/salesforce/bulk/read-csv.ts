/** A file of an ingest job: the first line names the columns. */
export interface CsvFile {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export type ReadCsv =
  { readonly kind: 'file'; readonly file: CsvFile } | { readonly kind: 'wrong'; readonly message: string };

/**
 * CSV as the Bulk API takes it (guide, "Valid CSV Record Rows"): quotes around
 * what holds delimiters, quotes or line ends, quotes doubled inside. Lines have
 * to end as the job says.
 */
export function readCsv(text: string, delimiter: string, lineEnding: 'LF' | 'CRLF'): ReadCsv {
  const lines = records(text, delimiter);
  if (lines === null) return { kind: 'wrong', message: 'ClientInputError : CSV has an unterminated quote' };
  const endsCrLf = lines.crlf > 0;
  if (lines.count > 0 && endsCrLf !== (lineEnding === 'CRLF'))
    return {
      kind: 'wrong',
      message: `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${lineEnding}`,
    };
  const [columns, ...rows] = lines.rows;
  if (columns === undefined || columns.every((name) => name.trim() === ''))
    return { kind: 'wrong', message: 'InvalidBatch : The header row of the CSV file is missing' };
  return { kind: 'file', file: { columns: columns.map((name) => name.trim()), rows } };
}

interface Lines {
  readonly rows: readonly (readonly string[])[];
  /** Ends of lines, and those of them that are CRLF. */
  readonly count: number;
  readonly crlf: number;
}

function records(text: string, delimiter: string): Lines | null {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const rows: string[][] = [];
  let row: string[] = [];
  let [at, count, crlf] = [0, 0, 0];
  const endLine = (): void => {
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  while (at < source.length) {
    const cell = source[at] === '"' ? quoted(source, at) : plain(source, at, delimiter);
    if (cell === null) return null;
    row.push(cell.value);
    at = cell.next;
    if (source[at] === delimiter) {
      at += 1;
      if (at === source.length) row.push('');
      continue;
    }
    if (source[at] === '\r' && source[at + 1] === '\n') {
      crlf += 1;
      at += 1;
    }
    if (at < source.length) count += 1;
    at += 1;
    endLine();
  }
  if (row.length > 0) endLine();
  return { rows, count, crlf };
}

interface Cell {
  readonly value: string;
  /** Place of the delimiter or line end after it. */
  readonly next: number;
}

function quoted(source: string, from: number): Cell | null {
  let value = '';
  let at = from + 1;
  for (;;) {
    const end = source.indexOf('"', at);
    if (end < 0) return null;
    value += source.slice(at, end);
    if (source[end + 1] !== '"') return { value, next: end + 1 };
    value += '"';
    at = end + 2;
  }
}

function plain(source: string, from: number, delimiter: string): Cell {
  let at = from;
  while (
    at < source.length &&
    source[at] !== delimiter &&
    source[at] !== '\n' &&
    !(source[at] === '\r' && source[at + 1] === '\n')
  )
    at += 1;
  return { value: source.slice(from, at), next: at };
}
