import type { Json } from '../../kernel/index.ts';

/**
 * The value at a path inside a JSON text; null where there is none or the text
 * is no JSON. Of keys that occur twice the first counts, as it does in DuckDB;
 * JSON.parse alone would take the last.
 */
export function jsonTextAt(text: string, path: readonly (string | number)[]): Json {
  if (!isJson(text)) return null;
  let at = skipBlank(text, 0);
  for (const part of path) {
    const next = typeof part === 'number' ? itemAt(text, at, part) : memberAt(text, at, part);
    if (next === null) return null;
    at = next;
  }
  return JSON.parse(text.slice(at, endOf(text, at))) as Json;
}

/** Half a surrogate pair is no text, so that what holds one is no JSON either. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
  } catch {
    return false;
  }
  for (const [found] of text.matchAll(/"(?:[^"\\]|\\.)*"/g)) {
    if (found.includes('\\') && !(JSON.parse(found) as string).isWellFormed()) return false;
  }
  return true;
}

/** Everything below reads a text that is JSON. */
function memberAt(text: string, object: number, key: string): number | null {
  if (text[object] !== '{') return null;
  let at = skipBlank(text, object + 1);
  while (text[at] !== '}') {
    const end = endOf(text, at);
    const value = skipBlank(text, skipBlank(text, end) + 1);
    if (JSON.parse(text.slice(at, end)) === key) return value;
    at = afterItem(text, value);
  }
  return null;
}

function itemAt(text: string, list: number, place: number): number | null {
  if (text[list] !== '[') return null;
  let at = skipBlank(text, list + 1);
  for (let passed = 0; text[at] !== ']'; passed += 1) {
    if (passed === place) return at;
    at = afterItem(text, at);
  }
  return null;
}

/** Where the next item begins, or the bracket that closes. */
function afterItem(text: string, start: number): number {
  const at = skipBlank(text, endOf(text, start));
  return text[at] === ',' ? skipBlank(text, at + 1) : at;
}

const blank = /[ \t\n\r]*/y;
function skipBlank(text: string, from: number): number {
  blank.lastIndex = from;
  blank.test(text);
  return blank.lastIndex;
}

const quoted = /"(?:[^"\\]|\\.)*"/y;
const word = /[^\s,\]}]+/y;

function endOf(text: string, start: number): number {
  let at = start;
  let depth = 0;
  do {
    const sign = text[at] ?? '';
    if (sign === '"') at = endBy(quoted, text, at);
    else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    else if (depth === 0) return endBy(word, text, at);
    if (sign !== '"') at += 1;
  } while (depth > 0);
  return at;
}

function endBy(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.test(text);
  return pattern.lastIndex;
}
