import type { CompareOperator, Condition, Literal, Path } from './ast.ts';
import type { Token } from './lexer.ts';
import { SoqlError } from './soql-error.ts';
import type { TokenStream } from './token-stream.ts';

const OPERATORS: Readonly<Record<string, CompareOperator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/**
 * `a AND b AND c` or `a OR b`; the platform refuses to mix the two without
 * parentheses, and so does this.
 */
export function parseCondition(stream: TokenStream): Condition {
  const terms = [parseTerm(stream)];
  const joiner = stream.peek().value.toLowerCase();
  if (joiner !== 'and' && joiner !== 'or') return terms[0] as Condition;
  while (stream.take(joiner)) terms.push(parseTerm(stream));
  const after = stream.peek();
  const other = after.value.toLowerCase();
  if (after.kind === 'word' && (other === 'and' || other === 'or')) return stream.unexpected(after);
  return { kind: joiner, terms };
}

function parseTerm(stream: TokenStream): Condition {
  if (stream.take('not')) return { kind: 'not', term: parseTerm(stream) };
  if (stream.takeSymbol('(')) {
    const inner = parseCondition(stream);
    stream.symbol(')');
    return inner;
  }
  const token = stream.word();
  const path: Path = { parts: token.value.split('.'), at: token.at };
  if (stream.take('like')) return { kind: 'compare', path, operator: 'like', literal: parseLiteral(stream) };
  if (stream.take('in')) return { kind: 'in', path, negated: false, literals: parseSet(stream) };
  if (stream.take('includes')) return { kind: 'includes', path, negated: false, literals: parseSet(stream) };
  if (stream.take('excludes')) return { kind: 'includes', path, negated: true, literals: parseSet(stream) };
  if (stream.take('not')) {
    stream.keyword('in');
    return { kind: 'in', path, negated: true, literals: parseSet(stream) };
  }
  const symbol = stream.next();
  const operator = symbol.kind === 'symbol' ? OPERATORS[symbol.value] : undefined;
  if (operator === undefined) return stream.unexpected(symbol);
  return { kind: 'compare', path, operator, literal: parseLiteral(stream) };
}

function parseSet(stream: TokenStream): readonly Literal[] {
  stream.symbol('(');
  const literals = [parseLiteral(stream)];
  while (stream.takeSymbol(',')) literals.push(parseLiteral(stream));
  stream.symbol(')');
  return literals;
}

function parseLiteral(stream: TokenStream): Literal {
  const token = stream.next();
  const { at, value } = token;
  switch (token.kind) {
    case 'text':
      return { kind: 'text', value, at };
    case 'number':
      return { kind: 'number', value: Number(value), at };
    case 'date':
      return { kind: 'date', value: checkedDate(stream, token), at };
    case 'datetime':
      return { kind: 'datetime', value: checkedTime(stream, token), at };
    case 'word':
      return parseWord(stream, token);
    case 'symbol':
    case 'end':
      return stream.unexpected(token);
  }
}

function parseWord(stream: TokenStream, token: Token): Literal {
  const { at } = token;
  const word = token.value.toLowerCase();
  if (word === 'null') return { kind: 'null', at };
  if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', at };
  const [name = '', count] = token.value.toUpperCase().split(':');
  const takesCount = /^(?:LAST|NEXT)_N_(?:DAYS|WEEKS|MONTHS|YEARS)$|^N_(?:DAYS|WEEKS|MONTHS|YEARS)_AGO$/.test(name);
  const plain =
    /^(?:TODAY|YESTERDAY|TOMORROW|LAST_90_DAYS|NEXT_90_DAYS|(?:LAST|THIS|NEXT)_(?:WEEK|MONTH|QUARTER|YEAR))$/.test(
      name,
    );
  if (takesCount && count !== undefined) return { kind: 'named-date', name, count: Number(count), at };
  if (plain && count === undefined) return { kind: 'named-date', name, count: 0, at };
  return stream.unexpected(token);
}

function checkedDate(stream: TokenStream, token: Token): string {
  const parsed = new Date(`${token.value}T00:00:00Z`);
  if (Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(token.value)) {
    throw new SoqlError('MALFORMED_QUERY', stream.text, token.at, `Invalid date: ${token.value}`);
  }
  return token.value;
}

function checkedTime(stream: TokenStream, token: Token): number {
  const parsed = Date.parse(token.value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(parsed))
    throw new SoqlError('MALFORMED_QUERY', stream.text, token.at, `Invalid datetime: ${token.value}`);
  return parsed;
}
