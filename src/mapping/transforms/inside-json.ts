import type { Json } from '../../kernel/index.ts';
import type { Kind } from '../kind.ts';
import { quoteText } from '../sql-text.ts';
import { once, type Stage } from './stage.ts';
import { finiteSql, numberText, numberTextSql } from './to-text.ts';
import { jsonTextAt } from './json-text-at.ts';

export type JsonPath = readonly (string | number)[];

/**
 * One value inside JSON, as text: texts, numbers and booleans; lists, objects
 * and what is not there are missing. Null for kinds that hold no JSON.
 */
export function insideJson(path: JsonPath, kind: Kind): Stage | null {
  if (kind === 'json') {
    return { kind: 'text', sql: (x) => scalarSql(x, path), value: (x) => scalarText(valueAt(x, path)) };
  }
  if (kind !== 'text') return null;
  return {
    kind: 'text',
    sql: (x) => once(x, 't', scalarSql(`case when ${isJsonSql('t')} then t end`, path)),
    value: (x) => scalarText(jsonTextAt(x as string, path)),
  };
}

/** The manifest admits no quotes, backslashes and stars in keys, which DuckDB's paths cannot say. */
const pathText = (path: JsonPath): string =>
  `$${path.map((part) => (typeof part === 'number' ? `[${part}]` : `."${part}"`)).join('')}`;

function scalarSql(json: string, path: JsonPath): string {
  const text = "json_extract_string(v, '$')";
  const number = numberTextSql(once(`try_cast(${text} as double)`, 'n', finiteSql('n')));
  return once(
    `json_extract(${json}, ${quoteText(pathText(path))})`,
    'v',
    `case json_type(v) when 'VARCHAR' then ${text} when 'BOOLEAN' then ${text} ` +
      `when 'UBIGINT' then ${number} when 'BIGINT' then ${number} when 'DOUBLE' then ${number} end`,
  );
}

/** DuckDB also reads commas before a closing bracket, NaN and Infinity, which JSON does not have. */
const isJsonSql = (x: string): string =>
  `json_valid(${x}) and not regexp_matches(regexp_replace(${x}, ${quoteText('"(?:[^"\\\\]|\\\\.)*"')}, '""', 'g'), ` +
  `${quoteText(',[ \t\n\r]*[\\]}]|[iI][nN][fF]|[nN][aA][nN]')})`;

function valueAt(json: Json, path: JsonPath): Json {
  let value = json;
  for (const part of path) {
    if (typeof part === 'number') {
      value = Array.isArray(value) ? (value[part] ?? null) : null;
    } else {
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      value =
        isObject && Object.hasOwn(value as object, part) ? ((value as { [key: string]: Json })[part] ?? null) : null;
    }
  }
  return value;
}

function scalarText(value: Json): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isFinite(value) ? numberText(value + 0) : null;
}
