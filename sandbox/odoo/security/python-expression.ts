import { OdooError } from '../errors.ts';

/** Records that an expression speaks of, `user` for one. */
export interface RecordValue {
  readonly kind: 'records';
  readonly model: string;
  readonly ids: readonly number[];
}

/** What a name or an attribute of a record stands for. */
export interface Names {
  name(name: string): unknown;
  attribute(records: RecordValue, name: string): unknown;
}

/**
 * Evaluates what `domain_force` of rules is written in, as far as rules of the
 * standard modules need it: lists, tuples, texts, numbers, `True`, `False`,
 * `None`, names, attributes of records, and `+` of lists. Calls are refused.
 */
export function pythonExpression(text: string, names: Names): unknown {
  const tokens = [...text.matchAll(TOKEN)].map(([token]) => token).filter((token) => token.trim() !== '');
  let at = 0;
  const wrong = (): OdooError => new OdooError('value', `invalid expression in a record rule: ${text}`);

  const sum = (): unknown => {
    let left = operand();
    while (tokens[at] === '+') {
      at += 1;
      const right = operand();
      if (!Array.isArray(left) || !Array.isArray(right)) throw wrong();
      left = [...(left as unknown[]), ...(right as unknown[])];
    }
    return left;
  };
  const operand = (): unknown => {
    let value = atom();
    while (tokens[at] === '.') {
      const name = tokens[at + 1];
      if (!isRecords(value) || name === undefined || !/^[A-Za-z_]\w*$/.test(name)) throw wrong();
      at += 2;
      value = names.attribute(value, name);
    }
    return value;
  };
  const atom = (): unknown => {
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw wrong();
    if (token === '[' || token === '(') return list(token === '[' ? ']' : ')');
    if (/^['"]/.test(token)) return token.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
    if (/^-?\d/.test(token)) return Number(token);
    if (token === 'True' || token === 'False') return token === 'True';
    if (token === 'None') return null;
    if (/^[A-Za-z_]\w*$/.test(token)) return names.name(token);
    throw wrong();
  };
  const list = (end: string): readonly unknown[] => {
    const items: unknown[] = [];
    while (tokens[at] !== end) {
      items.push(sum());
      if (tokens[at] === ',') at += 1;
      else if (tokens[at] !== end) throw wrong();
    }
    at += 1;
    return items;
  };

  const value = sum();
  if (at !== tokens.length) throw wrong();
  return value;
}

const TOKEN = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*|\s+|./gs;

function isRecords(value: unknown): value is RecordValue {
  return typeof value === 'object' && value !== null && (value as Partial<RecordValue>).kind === 'records';
}
