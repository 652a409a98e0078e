import { asText } from './text.ts';

/** PostgreSQL's like: `%` any run, `_` one character, backslash before either for itself. Plain like looks anywhere. */
export function likeTest(operator: string, value: unknown): (text: string) => boolean {
  const given = asText(value);
  const pattern = operator.startsWith('=') ? given : `%${given}%`;
  const source = pattern.replaceAll(/\\[%_\\]|[%_]|[\s\S]/gu, (token) => {
    if (token === '%') return '[\\s\\S]*';
    if (token === '_') return '[\\s\\S]';
    const literal = token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
    return literal.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  const regex = new RegExp(`^${source}$`, operator.endsWith('ilike') ? 'iu' : 'u');
  return (text) => regex.test(text);
}
