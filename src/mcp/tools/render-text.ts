import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';

/**
 * The answer as text, for clients that show models text only: a table becomes
 * tab-separated lines (fewer tokens than JSON) followed by what the answer says
 * about itself; everything else is compact JSON.
 *
 * In a table an empty cell is a missing value; a text that is empty, starts
 * with a quote, or contains a tab or line break is written as a JSON string.
 */
export function renderText(answer: JsonObject): string {
  const { columns, rows, ...about } = answer;
  if (!isNames(columns) || !isRows(rows)) return JSON.stringify(answer);
  const refAt = columns.indexOf('_ref');
  const prefix = refAt < 0 ? null : commonRef(about['sources'], rows, refAt);
  const header = columns.map((name, at) => (at === refAt && prefix !== null ? `_ref(${prefix}...)` : cell(name)));
  const lines = rows.map((row) =>
    row.map((value, at) => cell(at === refAt && prefix !== null ? withoutPrefix(value, prefix) : value)).join('\t'),
  );
  const notes = Object.entries(about).filter(([, value]) => !isVoid(value));
  return [header.join('\t'), ...lines, '', ...notes.map(([name, value]) => `${name}: ${inline(value)}`)].join('\n');
}

const isNames = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

const isRows = (value: Json | undefined): value is readonly (readonly Json[])[] =>
  Array.isArray(value) && value.every((row) => Array.isArray(row));

/** The reference prefix shared by every row: said once in the header instead of once per row. */
function commonRef(sources: Json | undefined, rows: readonly (readonly Json[])[], refAt: number): string | null {
  if (!Array.isArray(sources)) return null;
  for (const source of sources) {
    const ref = isJsonObject(source) ? source['ref'] : null;
    if (typeof ref !== 'string' || ref === '') continue;
    if (rows.every((row) => typeof row[refAt] === 'string' && row[refAt].startsWith(ref))) return ref;
  }
  return null;
}

function withoutPrefix(value: Json | undefined, prefix: string): Json {
  return typeof value === 'string' ? value.slice(prefix.length) : null;
}

function cell(value: Json): string {
  if (value === null) return '';
  if (typeof value !== 'string') return JSON.stringify(value);
  return value === '' || value.startsWith('"') || /[\t\n\r]/.test(value) ? JSON.stringify(value) : value;
}

const inline = (value: Json): string => (typeof value === 'string' ? cell(value) : JSON.stringify(value));

const isVoid = (value: Json): boolean => value === null || (Array.isArray(value) && value.length === 0);
