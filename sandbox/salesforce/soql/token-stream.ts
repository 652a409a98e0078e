import { tokenize, type Token } from './lexer.ts';
import { SoqlError } from './soql-error.ts';

/** Reads tokens in order; keywords are matched without regard to case. */
export interface TokenStream {
  readonly text: string;
  peek(): Token;
  next(): Token;
  skip(count: number): void;
  /** Whether the next tokens have these values. */
  sees(...values: readonly string[]): boolean;
  /** Consumes a keyword if it is next. */
  take(keyword: string): boolean;
  takeSymbol(symbol: string): boolean;
  /** Consumes it or throws. */
  keyword(keyword: string): void;
  symbol(symbol: string): void;
  word(): Token;
  /** Whether the next word starts a clause, hence is no alias. */
  isClause(): boolean;
  unexpected(token: Token): never;
}

const CLAUSES = new Set([
  'from',
  'where',
  'group',
  'order',
  'limit',
  'offset',
  'having',
  'for',
  'with',
  'using',
  'all',
]);

const isWord = (token: Token, word: string): boolean => token.kind === 'word' && token.value.toLowerCase() === word;

export function createTokenStream(text: string): TokenStream {
  const tokens = tokenize(text);
  const last = tokens[tokens.length - 1] as Token;
  let position = 0;
  const peek = (ahead = 0): Token => tokens[position + ahead] ?? last;
  const next = (): Token => {
    const token = peek();
    position += 1;
    return token;
  };
  const unexpected = (token: Token): never => {
    throw new SoqlError('MALFORMED_QUERY', text, token.at, `unexpected token: '${token.value}'`);
  };
  const take = (word: string): boolean => {
    if (!isWord(peek(), word)) return false;
    position += 1;
    return true;
  };
  const takeSymbol = (symbol: string): boolean => {
    const token = peek();
    if (token.kind !== 'symbol' || token.value !== symbol) return false;
    position += 1;
    return true;
  };
  return {
    text,
    peek: () => peek(),
    next,
    skip: (count) => {
      position += count;
    },
    sees: (...values) => values.every((value, ahead) => peek(ahead).value.toLowerCase() === value),
    take,
    takeSymbol,
    keyword: (word) => {
      if (!take(word)) unexpected(peek());
    },
    symbol: (symbol) => {
      if (!takeSymbol(symbol)) unexpected(peek());
    },
    word: () => {
      const token = next();
      return token.kind === 'word' ? token : unexpected(token);
    },
    isClause: () => CLAUSES.has(peek().value.toLowerCase()),
    unexpected,
  };
}
