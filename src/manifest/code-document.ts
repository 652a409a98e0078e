import type { DocumentPath, YamlDocument } from './document.ts';
import type { SourceMark } from './types.ts';

/**
 * What an operation in TypeScript says of itself, as a document: places are
 * those of the keys in the object that `defineOperation` is called with, as far
 * as they are written out there; else of the call.
 */
export function codeDocument(file: string, text: string, value: unknown): YamlDocument {
  const places = keyPlaces(text);
  const at = (offset: number): SourceMark => {
    const lines = text.slice(0, offset).split('\n');
    return { file, line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  };
  const mark = (path: DocumentPath): SourceMark => {
    for (let length = path.length; length > 0; length -= 1) {
      const found = places.get(JSON.stringify(path.slice(0, length)));
      if (found !== undefined) return at(found);
    }
    return at(Math.max(0, text.indexOf(CALL)));
  };
  return { file, value, mark };
}

const CALL = 'defineOperation(';

/** Offset of each key of the object literal, by its path. */
function keyPlaces(text: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const start = text.indexOf('{', text.indexOf(CALL) + CALL.length);
  if (text.includes(CALL) && start >= 0) readObject({ text, places }, start, []);
  return places;
}

interface Reading {
  readonly text: string;
  readonly places: Map<string, number>;
}

/** From an opening brace to behind its closing one. */
function readObject(reading: Reading, start: number, path: DocumentPath): number {
  const { text, places } = reading;
  let at = skipBlank(text, start + 1);
  while (at < text.length && text[at] !== '}') {
    const [, quoted, plain] = /^(?:['"]([^'"\n]*)['"]|([A-Za-z_$][\w$]*))/.exec(text.slice(at, at + KEY_CHARS)) ?? [];
    const key = quoted ?? plain;
    const own = key === undefined ? path : [...path, key];
    if (key !== undefined) {
      places.set(JSON.stringify(own), at);
      at = skipBlank(text, at + key.length + (quoted === undefined ? 0 : 2));
    }
    at = text[at] === ':' ? readValue(reading, skipBlank(text, at + 1), own) : skipValue(text, at);
    if (text[at] === ',') at = skipBlank(text, at + 1);
  }
  return at + 1;
}

const KEY_CHARS = 200;

function readValue(reading: Reading, start: number, path: DocumentPath): number {
  const { text, places } = reading;
  if (text[start] === '{') return skipValue(text, readObject(reading, start, path));
  if (text[start] !== '[') return skipValue(text, start);
  let at = skipBlank(text, start + 1);
  for (let index = 0; at < text.length && text[at] !== ']'; index += 1) {
    const own = [...path, index];
    places.set(JSON.stringify(own), at);
    at = readValue(reading, at, own);
    if (text[at] === ',') at = skipBlank(text, at + 1);
  }
  return skipValue(text, at + 1);
}

/** To the comma or bracket that ends a value. */
function skipValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (depth === 0 && (char === ',' || char === '}' || char === ']' || char === ')')) return at;
    if ('([{'.includes(char)) depth += 1;
    if (')]}'.includes(char)) depth -= 1;
    at = char === '"' || char === "'" || char === '`' ? skipText(text, at) : Math.max(skipBlank(text, at), at + 1);
  }
  return at;
}

function skipText(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

/** Space and comments. */
function skipBlank(text: string, start: number): number {
  const [blank = ''] = /^(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)*/.exec(text.slice(start)) ?? [];
  return start + blank.length;
}
