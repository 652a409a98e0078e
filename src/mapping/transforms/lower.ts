/**
 * Lower case as DuckDB does it: one character at a time, so that a final sigma
 * stays like any other, and without the letters that Unicode added after
 * DuckDB's tables (a test compares every code point).
 */
export function lowerText(text: string): string {
  let result = '';
  for (const character of text) result += newerLetters.test(character) ? character : lowerOf(character);
  return result;
}

const newerLetters = /[\u1C89\uA7CB\uA7CC\uA7CE\uA7D2\uA7D4\uA7DA\uA7DC\u{10D50}-\u{10D65}\u{16EA0}-\u{16EB8}]/u;

/** The dotted capital I is the one letter whose lower case has two characters; DuckDB keeps the first. */
const lowerOf = (character: string): string => (character === '\u0130' ? 'i' : character.toLowerCase());
