/**
 * Text as DuckDB sees it, so that the matcher and SQL agree: order by code
 * point (JavaScript compares UTF-16 units, which differs above U+FFFF), and
 * lower case one code point at a time (JavaScript looks at the neighbours of a
 * sigma and turns U+0130 into two). test/filter compares every code point.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  let at = 0;
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  // A difference in the second half of a pair is a difference of the whole pair.
  if (at > 0 && isHighSurrogate(a.charCodeAt(at - 1))) at -= 1;
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}

export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  let folded = '';
  for (const char of text) folded += foldChar(char);
  return folded;
}

function foldChar(char: string): string {
  if (char === '\u0130') return 'i';
  return NEWER.test(char) ? char : char.toLowerCase();
}

/** Capitals of Unicode 16 and 17: DuckDB does not know their small letters yet, Node releases differ. */
const NEWER = /[\u1c89\ua7cb\ua7cc\ua7ce\ua7d2\ua7d4\ua7da\ua7dc\u{10d50}-\u{10d65}\u{16ea0}-\u{16eb8}]/u;

const ASCII = /^[\0-\x7f]*$/;

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
