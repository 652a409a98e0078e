import type { Json } from '../kernel/index.ts';
import type { DocumentPath } from './document.ts';

/**
 * The path that a text such as `.or[1].account.name.neq` names in `form`, as
 * far as it exists there. The form decides, since keys may have dots of their own.
 */
export function locateInForm(form: Json, where: string): DocumentPath {
  const path: (string | number)[] = [];
  let at = form;
  let rest = where;
  while (rest !== '' && typeof at === 'object' && at !== null) {
    const next = Object.entries(at)
      .map(([key, value]) => ({ key, value, text: Array.isArray(at) ? `[${key}]` : `.${key}` }))
      .filter(({ text }) => rest.startsWith(text) && ['', '.', '['].includes(rest.charAt(text.length)))
      .toSorted((a, b) => b.text.length - a.text.length)[0];
    if (next === undefined) break;
    path.push(Array.isArray(at) ? Number(next.key) : next.key);
    at = next.value;
    rest = rest.slice(next.text.length);
  }
  return path;
}
