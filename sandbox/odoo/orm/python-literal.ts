import { OdooError } from '../errors.ts';

/**
 * Reads what domains are stored as: Python lists, tuples, texts, numbers,
 * `True`, `False` and `None`. Names and calls, which Odoo would evaluate, are
 * refused.
 */
export function pythonLiteral(text: string): unknown {
  const tokens = [...text.matchAll(TOKEN)].map(([token]) => token).filter((token) => token.trim() !== '');
  const rest = { at: 0 };
  const value = valueFrom(tokens, rest);
  if (rest.at !== tokens.length) throw wrong(text);
  return value;

  function valueFrom(all: readonly string[], place: { at: number }): unknown {
    const token = all[place.at];
    place.at += 1;
    if (token === '[' || token === '(') return listFrom(all, place, token === '[' ? ']' : ')');
    if (token === undefined) throw wrong(text);
    if (/^['"]/.test(token)) return unquoted(token);
    if (/^[-\d]/.test(token)) return Number(token);
    if (token in WORDS) return WORDS[token];
    throw wrong(text);
  }

  function listFrom(all: readonly string[], place: { at: number }, end: string): readonly unknown[] {
    const items: unknown[] = [];
    while (all[place.at] !== end) {
      items.push(valueFrom(all, place));
      if (all[place.at] === ',') place.at += 1;
      else if (all[place.at] !== end) throw wrong(text);
    }
    place.at += 1;
    return items;
  }
}

const TOKEN = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*|\s+|./gs;
const WORDS: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };

function unquoted(token: string): string {
  return token.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
}

function wrong(text: string): OdooError {
  return new OdooError('value', `malformed node or string: ${text}`);
}
