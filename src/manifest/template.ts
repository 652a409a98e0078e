import { nativeNameShape } from './shapes/parts.ts';

export type TemplateResult =
  | { readonly kind: 'ok'; readonly parts: readonly (string | { readonly field: string })[] }
  | { readonly kind: 'mistake'; readonly message: string; readonly fix: string };

/** `{FirstName} {LastName}` to its parts; `{{` and `}}` are braces that are meant. */
export function parseTemplate(text: string): TemplateResult {
  const parts: (string | { field: string })[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const pair = text.slice(at, at + 2);
    if (pair === '{{' || pair === '}}') {
      literal += pair[0];
      at += 2;
      continue;
    }
    if (text[at] === '}') return mistake(`\`}\` at position ${at + 1} closes nothing.`);
    if (text[at] !== '{') {
      literal += text[at];
      at += 1;
      continue;
    }
    const end = text.indexOf('}', at);
    if (end === -1) return mistake(`\`{\` at position ${at + 1} is not closed.`);
    const field = text.slice(at + 1, end);
    if (!nativeNameShape.safeParse(field).success) return mistake(`\`{${field}}\` does not name a native field.`);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ field });
    at = end + 1;
  }
  if (literal !== '') parts.push(literal);
  if (!parts.some((part) => typeof part !== 'string')) return mistake('The template names no field.');
  return { kind: 'ok', parts };
}

const mistake = (message: string): TemplateResult => ({
  kind: 'mistake',
  message,
  fix: 'Write native field names in braces, and {{ or }} for a brace itself; text without fields is a `constant`.',
});
