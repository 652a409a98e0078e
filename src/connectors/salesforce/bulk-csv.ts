import { parse } from 'csv-parse';
import { Readable } from 'node:stream';
import type { Json, JsonObject } from '../../kernel/index.ts';
import type { NativeField, NativeObject } from '../../schema/index.ts';
import { parseJson, type SlowBodyParser } from '../kit/response-body.ts';

/**
 * Results of a bulk query job as a list of rows, each a list of texts, the
 * header first (Bulk API 2.0 guide, "Get Results for a Query Job"). Errors come
 * as JSON. Parsed as a stream, so that other work goes on beside large pages.
 */
export const parseCsv: SlowBodyParser = async (text, status) => {
  if (status >= 400) return parseJson(text);
  const rows: string[][] = [];
  const parser = Readable.from(chunks(text)).pipe(parse({ bom: true, skip_empty_lines: true }));
  for await (const row of parser) rows.push(row as string[]);
  return rows;
};

const CHUNK_CHARS = 65_536;

function* chunks(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += CHUNK_CHARS) yield text.slice(start, start + CHUNK_CHARS);
}

/** Rows of texts as rows of a query answer; null where they have another shape, or lack a field that was asked for: missing is not empty. */
export function rowsOf(object: NativeObject, body: Json): JsonObject[] | null {
  if (!Array.isArray(body)) return null;
  const [header, ...rows] = body as readonly (readonly string[])[];
  if (header === undefined || !header.includes('Id')) return null;
  const named = new Set(header);
  if (named.size < header.length || object.fields.some(({ name }) => !named.has(name))) return null;
  const fields = new Map(object.fields.map((field) => [field.name, field]));
  const columns = header.map((name) => ({ name, field: fields.get(name) }));
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, field }, at) => [name, valueOf(field, row[at] ?? '')])),
  );
}

/** What JSON would say: CSV has texts only, and an empty one for "no value". */
function valueOf(field: NativeField | undefined, text: string): Json {
  if (text === '') return null;
  switch (field?.type) {
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    case 'integer':
    case 'number':
    case 'decimal':
      return Number.isFinite(Number(text)) ? Number(text) : text;
    default:
      return text;
  }
}
