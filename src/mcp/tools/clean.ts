import type { Json } from '../../kernel/index.ts';

/**
 * Characters that people do not see but models read: controls (other than tab
 * and line feed) and what Unicode lets a renderer ignore (zero-width and
 * bidirectional marks, fillers, tags, variation selectors). Text from
 * customers' systems can be written by anybody, so nothing that a reviewer
 * could not see leaves any door.
 */
const INVISIBLE = /[[\p{Cc}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]--[\t\n]]/gv;

/** The text without invisible characters; CR and CRLF become LF, lone surrogates U+FFFD. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(INVISIBLE, '');
}

// Most text is printable ASCII: one test instead of two rewrites.
const PLAIN = /^[\t\n -~]*$/;

/** Plain data as JSON, every text in it cleaned, keys too; undefined members vanish, dates become ISO text. */
export function cleanJson(value: unknown): Json {
  if (typeof value === 'string') return cleanText(value);
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return cleanBigint(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return cleanEntries(value.entries());
  if (value instanceof Set) return [...value].map(cleanJson);
  return cleanEntries(Object.entries(value));
}

function cleanBigint(value: bigint): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function cleanEntries(entries: Iterable<[unknown, unknown]>): Json {
  const clean: [string, Json][] = [];
  for (const [key, item] of entries) {
    if (item !== undefined) clean.push([cleanText(String(key)), cleanJson(item)]);
  }
  // fromEntries defines own properties, so a key `__proto__` stays data.
  return Object.fromEntries(clean);
}
