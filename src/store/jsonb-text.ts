/**
 * jsonb refuses two things that JSON allows: the character U+0000 and half a
 * surrogate pair. One such value must not hold up a customer's whole sync, so
 * both become U+FFFD, the mark of an unreadable character.
 */
export function jsonbText(text: string): string {
  if (!text.includes('\\u')) return text;
  return text.replaceAll(escapes, (escape) => (isRefused(escape) ? '\\ufffd' : escape));
}

// An escaped backslash, a whole pair, or any single escape: read from left to
// right, so that the text `\\u0000` (a backslash, then letters) is left alone.
const escapes = /\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}/g;

function isRefused(escape: string): boolean {
  return escape.length === 6 && /^\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})$/.test(escape);
}
