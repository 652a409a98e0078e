import type { Json } from '../../kernel/index.ts';
import type { Statement } from './nodes.ts';
import type { Columns, Scope } from './scope.ts';

/** What an expression stands in; `query` checks a query within it. */
export interface ExpressionPlace {
  readonly statement: Statement;
  readonly scope: Scope;
  readonly depth: number;
  readonly query: (node: Json | undefined, parent: Scope, depth: number) => Columns;
}
