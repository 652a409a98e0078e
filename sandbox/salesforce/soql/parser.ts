import type { AggregateName, OrderItem, Path, Query, SelectItem } from './ast.ts';
import { parseCondition } from './condition-parser.ts';
import { PlainQueryError } from './soql-error.ts';
import { createTokenStream, type TokenStream } from './token-stream.ts';

const MAX_LENGTH = 100_000;
const AGGREGATES: ReadonlySet<string> = new Set(['count', 'count_distinct', 'sum', 'avg', 'min', 'max']);

/**
 * The subset of SOQL that integrations use: fields and parent paths, COUNT()
 * and aggregates, FIELDS(), WHERE, GROUP BY, ORDER BY, LIMIT, OFFSET. Anything
 * else is refused as MALFORMED_QUERY. Throws SoqlError.
 */
export function parseSoql(text: string): Query {
  if (text.length > MAX_LENGTH) {
    throw new PlainQueryError('MALFORMED_QUERY', `SOQL statements cannot be longer than ${MAX_LENGTH} characters.`);
  }
  const stream = createTokenStream(text);
  stream.keyword('select');
  const { items, countOnly } = parseSelect(stream);
  stream.keyword('from');
  const name = stream.word();
  const alias = stream.peek().kind === 'word' && !stream.isClause() ? stream.word().value : null;
  const where = stream.take('where') ? parseCondition(stream) : null;
  const groupBy = stream.take('group') ? (stream.keyword('by'), parseList(stream, parsePath)) : [];
  const orderBy = stream.take('order') ? (stream.keyword('by'), parseList(stream, parseOrder)) : [];
  const limit = stream.take('limit') ? parseCount(stream) : null;
  const offset = stream.take('offset') ? parseCount(stream) : 0;
  const rest = stream.peek();
  if (rest.kind !== 'end') stream.unexpected(rest);
  return {
    text,
    countOnly,
    select: items,
    from: { name: name.value, alias, at: name.at },
    where,
    groupBy,
    orderBy,
    limit,
    offset,
  };
}

function parseSelect(stream: TokenStream): { items: readonly SelectItem[]; countOnly: boolean } {
  if (stream.sees('count', '(', ')')) {
    stream.skip(3);
    return { items: [], countOnly: true };
  }
  return { items: parseList(stream, parseItem), countOnly: false };
}

function parseItem(stream: TokenStream): SelectItem {
  const token = stream.word();
  const name = token.value.toLowerCase();
  if (!stream.takeSymbol('(')) {
    const alias = stream.peek().kind === 'word' && !stream.isClause() ? stream.word().value : null;
    return { kind: 'field', path: pathOf(token.value, token.at), alias, at: token.at };
  }
  if (name === 'fields') {
    const which = stream.word();
    const kind = which.value.toLowerCase();
    if (kind !== 'all' && kind !== 'standard' && kind !== 'custom') return stream.unexpected(which);
    stream.symbol(')');
    return { kind: 'fields', which: kind, at: token.at };
  }
  if (!AGGREGATES.has(name)) return stream.unexpected(token);
  const path = parsePath(stream);
  stream.symbol(')');
  const alias = stream.peek().kind === 'word' && !stream.isClause() ? stream.word().value : null;
  return { kind: 'aggregate', name: name as AggregateName, path, alias, at: token.at };
}

function parseOrder(stream: TokenStream): OrderItem {
  const path = parsePath(stream);
  const descending = stream.take('desc');
  if (!descending) stream.take('asc');
  if (!stream.take('nulls')) return { path, descending, nulls: 'first' };
  if (stream.take('last')) return { path, descending, nulls: 'last' };
  stream.keyword('first');
  return { path, descending, nulls: 'first' };
}

function parseList<Item>(stream: TokenStream, parse: (stream: TokenStream) => Item): readonly Item[] {
  const items = [parse(stream)];
  while (stream.takeSymbol(',')) items.push(parse(stream));
  return items;
}

function parsePath(stream: TokenStream): Path {
  const token = stream.word();
  return pathOf(token.value, token.at);
}

export function pathOf(text: string, at: number): Path {
  return { parts: text.split('.'), at };
}

function parseCount(stream: TokenStream): number {
  const token = stream.next();
  if (token.kind !== 'number' || !/^\d+$/.test(token.value)) return stream.unexpected(token);
  return Number(token.value);
}
