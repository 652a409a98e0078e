import type { VisibleObject } from '../../access/index.ts';
import type { GantryError, Json } from '../../kernel/index.ts';
import type { ExpressionPlace } from './expression-place.ts';
import type { Statement } from './nodes.ts';
import type { Columns, Scope } from './scope.ts';

/** Everything that a query can reach: the caller's relations, and the CTEs in force at its place. */
export interface QueryPlace {
  readonly statement: Statement;
  /** By the lower-case name that SQL uses: `deal`, `crm.opportunity`. */
  readonly relations: ReadonlyMap<string, VisibleObject>;
  /** The same names of objects of which nobody knows what is visible: why nothing of them is. */
  readonly withheld: ReadonlyMap<string, () => GantryError>;
  /** Relations that the statement turned out to use, with the columns of each use. */
  readonly used: Map<VisibleObject, readonly Columns[]>;
  readonly ctes: ReadonlyMap<string, Columns>;
  readonly parent: Scope | null;
  readonly depth: number;
  /** Checks a query within this one. */
  readonly check: (node: Json | undefined, place: QueryPlace) => Columns;
}

export const expressionPlace = (place: QueryPlace, scope: Scope): ExpressionPlace => ({
  statement: place.statement,
  scope,
  depth: place.depth + 1,
  query: (node, parent, depth) => place.check(node, { ...place, parent, depth }),
});

/** `t(a, b)`: new names for the first columns. */
export function renamed(columns: Columns, names: readonly string[]): Columns {
  if (names.length === 0) return columns;
  return new Map([...columns].map(([name, facts], index) => [(names[index] ?? name).toLowerCase(), facts] as const));
}
