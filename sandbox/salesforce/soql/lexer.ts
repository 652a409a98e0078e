import { SoqlError } from './soql-error.ts';

export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'date' | 'datetime' | 'symbol' | 'end';
  /** As written; strings without quotes and escapes. */
  readonly value: string;
  readonly at: number;
}

const DATETIME = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:?\d{2})/iy;
const DATE = /\d{4}-\d{2}-\d{2}(?![\dT])/iy;
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy;
const WORD = /[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*(?::\d+)?/y;
const SYMBOL = /<=|>=|!=|<>|[=<>(),]/y;
const SPACE = /\s+/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  b: '\b',
  B: '\b',
  f: '\f',
  F: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/** Splits a query into words, literals and symbols; the last token is `end`. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  while (at < text.length) {
    const space = match(SPACE);
    if (space !== null) {
      at += space.length;
      continue;
    }
    if (text[at] === "'") {
      const { value, end } = readText(text, at);
      tokens.push({ kind: 'text', value, at });
      at = end;
      continue;
    }
    const token = nextToken(match, at);
    if (token === null) throw new SoqlError('MALFORMED_QUERY', text, at, `unexpected token: '${text[at]}'`);
    tokens.push(token);
    at += token.value.length;
  }
  tokens.push({ kind: 'end', value: '<EOF>', at });
  return tokens;
}

function nextToken(match: (pattern: RegExp) => string | null, at: number): Token | null {
  const patterns = [
    ['datetime', DATETIME],
    ['date', DATE],
    ['number', NUMBER],
    ['word', WORD],
    ['symbol', SYMBOL],
  ] as const;
  for (const [kind, pattern] of patterns) {
    const value = match(pattern);
    if (value !== null) return { kind, value, at };
  }
  return null;
}

/**
 * A quoted string. `\%` and `\_` keep their backslash, because only LIKE knows
 * what they mean.
 */
function readText(text: string, start: number): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "'") return { value, end: at + 1 };
    if (char !== '\\') {
      value += char;
      continue;
    }
    at += 1;
    const escaped = text.charAt(at);
    const unicode = /^[uU]([0-9a-fA-F]{4})/.exec(text.slice(at, at + 5));
    if (unicode?.[1] !== undefined) {
      value += String.fromCharCode(Number.parseInt(unicode[1], 16));
      at += 4;
    } else if (escaped === '%' || escaped === '_') value += `\\${escaped}`;
    else if (ESCAPES[escaped] !== undefined) value += ESCAPES[escaped];
    else
      throw new SoqlError(
        'MALFORMED_QUERY',
        text,
        at,
        `Invalid string literal '\\${escaped}'. Illegal character sequence in string literal.`,
      );
  }
  throw new SoqlError('MALFORMED_QUERY', text, start, 'unexpected end of string literal');
}
